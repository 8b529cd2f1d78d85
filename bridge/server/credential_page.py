"""A page on which the player types a password or a key, once, for one account.

The page is opened for one request of one host. Its address is random and good for a few minutes
and one use; it is served on 127.0.0.1 only, to that name only. What is typed goes into the vault
and nowhere else: not to the model, not into a log, not back onto the page.
"""

import html
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

import anyio

from bridge.gateway.entrance import Wanted

LIFETIME_SECONDS = 300.0
LARGEST_FORM = 64 * 1024
CSRF = "csrf"

HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

_STYLE = (
    "body{font:16px system-ui,sans-serif;max-width:32rem;margin:3rem auto;padding:0 1rem}"
    "label{display:block;margin:1rem 0 .3rem}input{width:100%;font:inherit;padding:.4rem;"
    "box-sizing:border-box}button{margin-top:1.5rem;font:inherit;padding:.5rem 1.2rem}"
    ".problem{color:#a00}"
)


@dataclass(slots=True, kw_only=True, eq=False)
class Page:
    """One page, for one account, for one use."""

    wanted: Wanted
    tool: str
    """The tool whose call asked for it."""
    expires_at: float
    path: str = field(default_factory=lambda: f"/{secrets.token_urlsafe(32)}", repr=False)
    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    over: anyio.Event = field(default_factory=anyio.Event)
    """Set when it was filled in, or is no longer needed."""
    kept: bool = False
    """The credentials are in the vault."""
    busy: bool = False
    """A form is on its way into the vault; a second one from another tab is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A request for a page."""

    method: str
    path: str
    headers: Mapping[str, str]
    """Names in lower case."""
    form: Mapping[str, str] = field(default_factory=dict, repr=False)


def objection(page: Page | None, visit: Visit, host: str, now: float) -> tuple[int, str] | None:
    """Return the status and the reason for which a visitor is sent away, None for none.

    ``host`` is the name and port at which the page is served.
    """
    if visit.headers.get("host") != host:
        return 421, "This page is not served under that name."
    if page is None or page.over.is_set() or now > page.expires_at:
        return 404, "There is no such page, or it was used, or its time is over."
    if visit.method == "GET":
        return None
    if visit.method != "POST":
        return 405, "This page is read and filled in, nothing else."
    if not _comes_from_the_page(visit.headers, host):
        return 403, "The form was sent from another page."
    if not secrets.compare_digest(visit.form.get(CSRF, "").encode(), page.csrf.encode()):
        return 403, "The form does not belong to this page."
    if page.busy:
        return 409, "The form was sent already."
    return None


def _comes_from_the_page(headers: Mapping[str, str], host: str) -> bool:
    """Say whether a form was sent from the page itself, as far as a browser tells."""
    site = headers.get("sec-fetch-site")
    if site not in (None, "same-origin"):
        return False
    # A page that sends no referrer sends no origin either: browsers write "null" then.
    own = {None, f"http://{host}"} | ({"null"} if site == "same-origin" else set())
    return headers.get("origin") in own


def form_page(page: Page, problem: str = "") -> str:
    """Return the page with its form; what was typed before is not repeated."""
    wanted = page.wanted
    fields = "".join(
        f"<label for='{each.slot}'>{_plain(each.label)}{' (optional)' if each.optional else ''}"
        f"</label><input id='{each.slot}' name='{each.slot}' autocomplete='off' "
        f"type='{'password' if each.secret else 'text'}'{'' if each.optional else ' required'}>"
        for each in wanted.fields
    )
    told = f"<p class='problem' role='alert'>{_plain(problem)}</p>" if problem else ""
    return _document(
        f"Sign in to {wanted.title}",
        f"<p>game-bridge needs this for the account <b>{_plain(wanted.account)}</b>, because your "
        f"assistant called <code>{_plain(page.tool)}</code>. It is kept in the keyring of this "
        "computer and shown to nobody, the assistant included. If you did not expect this page, "
        f"close it.</p>{told}<form method='post' action='{page.path}'>"
        f"<input type='hidden' name='{CSRF}' value='{page.csrf}'>{fields}"
        "<button type='submit'>Keep it</button></form>",
    )


def last_page(title: str, text: str) -> str:
    """Return a page without a form."""
    return _document(title, f"<p>{_plain(text)}</p>")


def _document(title: str, body: str) -> str:
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        f"<title>{_plain(title)}</title><style>{_STYLE}</style></head>"
        f"<body><h1>{_plain(title)}</h1>{body}</body></html>"
    )


def _plain(text: str) -> str:
    return html.escape(text, quote=True)
