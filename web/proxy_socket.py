"""The unix sockets on which nginx reaches us, and who may write to them."""

import os
from pathlib import Path


def open_to_proxy(socket: Path) -> None:
    """Let the group of the socket's folder, which is nginx's, connect; nobody else.

    gunicorn gives a socket its own group. Ours may be another than the folder's only where we belong to both.
    """
    os.chown(socket, -1, socket.parent.stat().st_gid)
    socket.chmod(0o660)
