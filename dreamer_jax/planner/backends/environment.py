"""Keys, addresses, proxies and certificates: what the environment says of them.

Each is cleaned of what copying leaves behind, and checked before anything is
called. A sentence about a key never holds the key.
"""

import ipaddress
import os
import re
import ssl
import string
import urllib.parse
from importlib import util
from typing import NamedTuple
from urllib import request

from dreamer_jax.errors import UserError

_KEYS = {
  "openai": ("OPENAI_API_KEY",),
  "gemini": ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
}
_ADDRESSES = {  # variables that the SDKs know too
  "openai": "OPENAI_BASE_URL", "gemini": "GOOGLE_GEMINI_BASE_URL",
  "genai": "GOOGLE_GEMINI_BASE_URL",
}  # fmt: skip
KEY_VARIABLES = tuple(name for names in _KEYS.values() for name in names)
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_SOCKS = {"openai": "socksio", "gemini": "socksio", "gemini_legacy": "socks"}
_SOCKS_PACKAGES = {"socksio": "socksio", "socks": "PySocks"}
_QUOTES = "\"'`“”„‘’«»"
_OPENAI = "api.openai.com"
_ENDPOINT = re.compile(
  r"/(api/(chat|generate|tags)|chat/completions|completions|chat|responses|"
  r"models|embeddings)$"  # those below api/ are Ollama's own
)
_INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060"


class Server(NamedTuple):
  """Whom a backend calls."""

  key: str
  base_url: str | None  # None: the service's own
  is_own: bool  # not the service's: it costs nothing
  is_here: bool  # on this machine: no proxy may stand between
  organization: str | None = None
  project: str | None = None

  def shown(self, usual: str) -> str:
    """Its address for people; `usual` is the service's own."""
    url = self.base_url or usual
    proxy = "" if self.is_here else proxy_of(url)
    return redacted(url) + (f" through {proxy}" if proxy else "")


def server_of(planner: str, base_url: str | None) -> Server:
  """The server of a planner, after `--base_url` and the environment.

  Raises:
    UserError: something of it cannot be right.
  """
  is_openai, source = planner == "openai", "--base_url"
  if base_url is None and planner in _ADDRESSES:
    source = _ADDRESSES[planner]
    base_url = os.environ.get(source, "").strip() or None
  url = None if base_url is None else address(base_url, source)
  host = urllib.parse.urlsplit(url or "").hostname or ""
  is_here = is_loopback(host)
  if not is_here:
    check_proxies(planner)
  if not is_here or planner in ("gemini", "genai"):  # which loads them anyway
    check_certificates(planner)
  is_own = is_openai and url is not None and host != _OPENAI
  names = _KEYS["openai" if is_openai else "gemini"]
  headers = ("OPENAI_ORG_ID", "OPENAI_PROJECT_ID") if is_openai else ()
  return Server(
    _key(planner, names, is_own), url, is_own, is_here,
    *(cleaned(name) or None for name in headers),
  )  # fmt: skip


def _key(planner: str, names: tuple[str, ...], is_own: bool) -> str:
  """The key, from the environment and nowhere else."""
  for name in names:
    if key := cleaned(name):
      return key
  if is_own:
    return "none"  # most servers of one's own want none
  empty = next((name for name in names if name in os.environ), None)
  raise UserError(
    f"--planner={planner} needs a key: set {' or '.join(names)} in the "
    f"environment" + (f" ({empty} is empty)" if empty else "") + ", or use "
    "--planner=rules"
  )


def cleaned(variable: str) -> str:
  """A key or id without spaces, quotes and "Bearer" around it; "" for none.

  Raises:
    UserError: a letter within it is none that a header may have.
  """
  text = os.environ.get(variable, "")
  before = None
  while text != before:
    before = text
    text = text.strip().strip(_INVISIBLE).strip(_QUOTES)
    text = re.sub(r"^(export\s+)?[A-Z_]+_(KEY|ID)\s*=", "", text)
    text = re.sub(r"^(Authorization\s*:)?\s*Bearer\b", "", text,
                  flags=re.IGNORECASE)  # fmt: skip
  wrong = re.search(rf"[^!-~]|[\\{_QUOTES}]", text)
  if wrong:
    letter = wrong[0]
    what = "a space or line break" if letter.isspace() else (
      "a quotation mark" if letter in _QUOTES else "a letter outside of ASCII"
      if not letter.isascii() else "a backslash or control character"
    )  # fmt: skip
    raise UserError(
      f"{variable} has {what} in it (place {wrong.start() + 1} of "
      f"{len(text)}), which no key has: copy it again, the key alone"
    )
  return text


def secrets() -> list[str]:
  """The keys of this process, as they stand and cleaned."""
  found = []
  for name in KEY_VARIABLES:
    raw = os.environ.get(name, "")
    try:
      found += [raw, raw.strip(), cleaned(name)]
    except UserError:
      found += [raw, raw.strip()]
  return sorted({s for s in found if len(s) >= 8}, key=len, reverse=True)


def address(url: str, source: str) -> str:
  """An API's address without what does not belong to it.

  Args:
    url: http or https, with or without /v1, a slash or an endpoint at its end.
    source: the flag or variable that it is from, for the error.

  Raises:
    UserError: it is no such address.
  """
  text = url.strip(_INVISIBLE + _QUOTES + "<>" + string.whitespace)
  shown = redacted(text)
  if re.match(r"^[\w.-]+(:\d+)?(/|$)", text) and "://" not in text:
    raise UserError(
      f"{source}={shown} has no scheme: did you mean http://{shown}?"
    )
  problem = _problem(text, ("http", "https"))
  if problem:
    raise UserError(
      f"{source}={shown} is no server's address ({problem}): it has the form "
      f"http://localhost:11434/v1"
    )
  text = text.split("?")[0].split("#")[0].rstrip("/")
  while (shorter := _ENDPOINT.sub("", text).rstrip("/")) != text:
    text = shorter
  return text


def _problem(url: str, schemes: tuple[str, ...]) -> str:
  """What is wrong with a URL, or ""."""
  try:
    parts = urllib.parse.urlsplit(url)
    port, host = parts.port, parts.hostname
  except ValueError:
    return "its host or port cannot be read"
  if parts.scheme not in schemes:
    return f"its scheme is none of {', '.join(schemes)}"
  if not host or not re.fullmatch(r"[\w.:%-]+", host):
    return "its host is missing or misspelt"
  if port == 0:
    return "there is no port 0"
  if re.search(r"\s", url):
    return "it has a space in it"
  if re.search(r"[,;]https?://", url):
    return "there are two in one"
  return "" if url.isprintable() else "it has a letter that nobody can see"


def redacted(url: str) -> str:
  """A URL without a user's name and password, whatever letters they have."""
  return re.sub(r"^(.*?//)?.*@", r"\1", url, flags=re.DOTALL)


def is_loopback(host: str) -> bool:
  """Whether a host's name or number is this machine's own."""
  if host == "localhost" or host.endswith(".localhost"):
    return True
  try:
    number = ipaddress.ip_address(host.split("%")[0])
  except ValueError:
    return False
  return number.is_loopback or number.is_unspecified


def check_proxies(planner: str) -> None:
  """Looks for proxies that `planner`'s SDK would trip over.

  Raises:
    UserError: a variable names what can be none.
  """
  for upper in _PROXIES:
    for name in (upper, upper.lower()):
      if os.environ.get(name, "").strip():
        _check_proxy(name, os.environ[name], _SOCKS.get(planner, "socksio"))


def check_certificates(planner: str) -> None:
  """Looks for files of certificates that `planner`'s SDK would trip over.

  Raises:
    UserError: a variable names what is no such file or folder.
  """
  files = ["SSL_CERT_FILE"]
  if planner == "gemini_legacy":  # by requests, which has names of its own
    files = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"]
  for name in files:
    if os.environ.get(name):
      _check_certificates(name, os.environ[name])
  folder = os.environ.get("SSL_CERT_DIR", "")
  if folder and not any(map(os.path.isdir, folder.split(os.pathsep))):
    raise UserError(
      f"SSL_CERT_DIR={folder} is no folder: unset it, or name the folder of "
      f"trusted certificates"
    )


def proxy_of(url: str) -> str:
  """The variable and value of the proxy that a call to `url` takes, or ""."""
  parts = urllib.parse.urlsplit(url)
  if request.proxy_bypass_environment(parts.netloc.rpartition("@")[2]):
    return ""
  for upper in (f"{parts.scheme.upper()}_PROXY", "ALL_PROXY"):
    for name in (upper.lower(), upper):
      if value := os.environ.get(name, ""):
        return f"{name}={redacted(value)}"
  return ""


def _check_proxy(name: str, value: str, socks: str) -> None:
  shown, url = redacted(value), value
  if "://" not in url:
    url = f"http://{url}"  # as the SDKs take it
  schemes = ("http", "https", "socks5", "socks5h")
  problem = _problem(url, schemes)
  if value != value.strip():
    problem = "it has a space at an end"
  if problem:
    raise UserError(
      f"{name}={shown} is no proxy ({problem}): correct it, or unset it"
    )
  if url.startswith("socks") and util.find_spec(socks) is None:
    raise UserError(
      f"{name}={shown} is a SOCKS proxy, for which a package is missing: pip "
      f"install {_SOCKS_PACKAGES[socks]}, or unset it"
    )


def _check_certificates(name: str, path: str) -> None:
  problem = ""
  if name != "SSL_CERT_FILE" and os.path.isdir(path):
    return  # requests takes folders too
  if not os.path.isfile(path):
    problem = "no such file"
  else:
    try:
      ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except (OSError, ssl.SSLError):
      problem = "a file without certificates in PEM form, or unreadable"
  if problem:
    raise UserError(
      f"{name}={path} is {problem}: unset it, or name a file of trusted "
      f"certificates"
    )
