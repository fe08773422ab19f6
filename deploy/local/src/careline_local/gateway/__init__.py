"""One origin for people and partners: the page at `/`, the services under `/api/<name>`.

HTTP goes through httpx's transport and WebSockets through the websockets library, both directly: the proxy
library that was tried first merged several Set-Cookie headers into one, rewrote query strings, and told the
other end of a socket a second late that it was closed.
"""
