"""Addresses: tracking parameters put in for a channel, and taken out to know a story again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from urllib.parse import quote, unquote

import regex

_TRACKING = regex.compile(
    r"^(?:utm_.*|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|igsh|mc_cid|mc_eid|_hsenc|_hsmi|mkt_tok|"
    r"ref_src|ref_url|cmpid|cmp|ncid|smid|smtyp|xtor|wt_mc|wt\.mc_id|ito|ns_campaign|ns_mchannel|ns_source|ocid|sr_share|"
    r"share|feature|spm|vero_id|oly_anon_id|oly_enc_id|__twitter_impression|guccounter|s_cid|at_medium|at_campaign)$",
    regex.IGNORECASE,
)
_MONTH = regex.compile(r"/(?:[\w-]*-)?(?:19|20)\d\d[/-](\d{1,2})(?=[/-]|$)")
_COMPACT = regex.compile(
    r"(?<!\d)(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)"
    r"|/(?:19|20)\d\d/(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)/\d",
    regex.IGNORECASE,
)
_WEB = regex.compile(r"^(https?)://([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#.*)?$", regex.IGNORECASE | regex.DOTALL)


def with_utm(url: str, params: Mapping[str, str]) -> str:
    """``url`` with ``params`` in its query: the rest of the query stays byte for byte, the fragment stays last.

    A parameter that is there already takes the new value in its place. Addresses that are not http(s) and empty
    parameters come back unchanged.
    """
    url = url.strip()
    wanted = {name: value for name, value in params.items() if name and value}
    if not wanted or not url.lower().startswith(("http://", "https://")):
        return url
    rest, hash_mark, fragment = url.partition("#")
    base, _, query = rest.partition("?")
    pieces: list[str] = []
    for piece in query.split("&") if query else []:
        name = unquote(piece.partition("=")[0])
        if name in wanted:
            pieces.append(_parameter(name, wanted.pop(name)))
        else:
            pieces.append(piece)
    pieces += [_parameter(name, value) for name, value in wanted.items()]
    return f"{base}?{'&'.join(pieces)}{hash_mark}{fragment}"


def campaign_of(url: str, names: Collection[str] = ()) -> dict[str, str]:
    """The campaign parameters of an address as they are read: every ``utm_…`` and those of ``names``, in order."""
    query = url.partition("#")[0].partition("?")[2]
    found: dict[str, str] = {}
    for piece in query.split("&") if query else []:
        name, _, value = piece.partition("=")
        if (plain := unquote(name)).lower().startswith("utm_") or plain in names:
            found[plain] = unquote(value.replace("+", " "))
    return found


def without_parameters(url: str, names: Collection[str]) -> str:
    """``url`` without these parameters; the rest of the query stays byte for byte, the fragment stays last."""
    rest, hash_mark, fragment = url.partition("#")
    base, mark, query = rest.partition("?")
    kept = [piece for piece in query.split("&") if unquote(piece.partition("=")[0]) not in names] if mark else []
    return f"{base}{'?' if kept else ''}{'&'.join(kept)}{hash_mark}{fragment}"


def url_key(url: str) -> str:
    """The part of an address that names the story: two addresses of one page give the same key.

    Scheme, ``www.``, default port, tracking parameters, order of parameters, trailing slash, percent spelling of plain
    characters and fragment do not count. An address that is not http(s) is its own key, stripped.
    """
    found = _WEB.match(url.strip())
    if found is None:
        return url.strip()
    scheme, host, path, query = found[1].lower(), found[2].rpartition("@")[2].lower(), found[3], found[4] or ""
    port = ":80" if scheme == "http" else ":443"
    host = _host(host.removesuffix(port).rstrip(".").removeprefix("www."))
    path = regex.sub(r"/{2,}", "/", _plain(path)).rstrip("/")
    path = regex.sub(r"/(?:index|default)\.(?:html?|php|aspx?)$", "", path)
    kept = sorted(
        piece for piece in query.split("&") if piece and not _TRACKING.match(unquote(piece.partition("=")[0]))
    )
    return f"{host}{path}{'?' if kept else ''}{'&'.join(_plain(piece) for piece in kept)}"


def names_its_month(url: str) -> bool:
    """Whether an address tells when its page came out: year and month ("/2026/05/", "/2026-05-02-", "20260502", "/2026/may/02")."""
    found = _MONTH.search(url)
    return (found is not None and 1 <= int(found[1]) <= 12) or _COMPACT.search(url) is not None


def _parameter(name: str, value: str) -> str:
    """One query parameter, percent-encoded."""
    return f"{quote(name, safe='-._~')}={quote(value, safe='-._~')}"


def _plain(text: str) -> str:
    """One spelling for percent-encoded text: decoded where that is plain, encoded where it must be."""
    return quote(unquote(text, errors="surrogateescape"), safe="/:@!$'()*,;=+~-._", errors="surrogateescape")


def _host(host: str) -> str:
    """A host name in its ASCII spelling where it has one."""
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return host
