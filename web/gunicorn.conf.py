"""gunicorn for the review site, behind nginx (`docs/nginx-site.conf`), on SUPERVISION_WEB_BIND.

What an operator may choose is in `Settings`; what is here follows from the code behind it.
"""  # noqa: N999 - the name gunicorn looks for

import os
from pathlib import Path
from typing import Any

import web.application  # noqa: F401 - read once, before the fork: the workers share it
from supervision.settings import Settings
from web.proxy_socket import open_to_proxy

_settings = Settings()

bind = _settings.web_bind
workers = _settings.web_workers
# live pages and pages of calls that go on hold up to 16, listeners to calls in progress up to 10 (web/live)
threads = 36
worker_class = "gthread"
preload_app = False  # the database is opened after the fork
umask = 0o027  # audit and sessions are for this service and its group only
os.umask(umask)  # the setting alone is for gunicorn's own files
# No header says for whom or how a request came, whoever the peer is, a unix socket's included: the site itself
# believes as many proxies as SUPERVISION_TRUSTED_PROXIES says.
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""
timeout = 60
graceful_timeout = 20
keepalive = 5
max_requests = 20_000
max_requests_jitter = 2_000
limit_request_line = 8190
accesslog = _settings.web_log or None  # off unless named: addresses can hold what was searched for
errorlog = "-"
control_socket_disable = True  # systemd controls it; a second way is of no use


def when_ready(_server: Any) -> None:
    """Let nginx connect to the unix socket; nobody else."""
    if bind.startswith("unix:"):
        open_to_proxy(Path(bind.removeprefix("unix:")))


def post_worker_init(worker: Any) -> None:
    """Let live streams end as soon as the worker has to stop, rather than hold up its going."""
    for kind in ("streams", "listeners"):
        worker.wsgi.extensions[kind].serving = lambda: worker.alive
