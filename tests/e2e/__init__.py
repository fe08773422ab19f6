"""The main job on the running system: real Chromium, SMTP, IMAP, Kafka. One module for each step of its description."""
