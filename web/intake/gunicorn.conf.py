"""gunicorn for the intake: on nginx's private unix socket; for developing, TLS on SUPERVISION_INTAKE_BIND.

What an operator may choose is in `Settings`; what is here follows from the code behind it.
"""  # noqa: N999 - the name gunicorn looks for

import os
import ssl
from pathlib import Path
from typing import Any

from supervision.paths import HqPaths
from supervision.settings import Settings
from web.intake.tls import server_context
from web.proxy_socket import open_to_proxy

_settings = Settings()
_paths = HqPaths(_settings.home)

if _settings.intake_socket:
    bind = f"unix:{_settings.intake_socket}"
else:
    bind = _settings.intake_bind
    certfile = str(_paths.server.certificate)
    keyfile = str(_paths.server.key)
    ca_certs = str(_paths.ca.certificate)
    cert_reqs = ssl.CERT_REQUIRED

workers = _settings.intake_workers
# One is held while a chunk arrives.
threads = _settings.intake_threads
worker_class = "gthread"
preload_app = False
umask = 0o027
os.umask(umask)  # the setting alone is for gunicorn's own files
timeout = 60
graceful_timeout = 20
keepalive = 75  # an office's few connections stay
header_map = "refuse"
forwarded_allow_ips = ""  # nobody's X-Forwarded-… or SCRIPT_NAME is believed
forwarder_headers = ""
errorlog = "-"
control_socket_disable = True


def ssl_context(_config: Any, _default: Any) -> ssl.SSLContext:
    """Our own context, made anew for each connection, so that renewed certificates are taken up."""
    return server_context(_paths)


def when_ready(_server: Any) -> None:
    """Let nginx connect to the private socket; nobody else."""
    if _settings.intake_socket:
        open_to_proxy(Path(_settings.intake_socket))
