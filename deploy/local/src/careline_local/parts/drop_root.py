"""Run a command as an unprivileged user inside a user namespace: `drop_root.py UID COMMAND…`.

PostgreSQL refuses to run as root. Where the checkout lies below a folder that no other user may enter,
changing the user would lock the server out of its own files; in a user namespace it is somebody else in
its own eyes and keeps root's way in.
"""

import ctypes
import os
import sys
from pathlib import Path

CLONE_NEWUSER = 0x10000000


def main() -> None:
    """Enter the namespace and become the command."""
    uid = int(sys.argv[1])
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUSER) != 0:
        raise SystemExit(f"user namespaces are not allowed here: {os.strerror(ctypes.get_errno())}")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/gid_map").write_text(f"{uid} 0 1")
    Path("/proc/self/uid_map").write_text(f"{uid} 0 1")
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606 - becoming the command is the purpose.


if __name__ == "__main__":
    main()
