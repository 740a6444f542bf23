"""Keys, addresses, proxies and certificates as people set them."""

import pytest

from dreamer_jax.errors import UserError
from dreamer_jax.planner import faults, journal
from dreamer_jax.planner.backends import base, environment
from dreamer_jax.planner.backends.base import Question
from dreamer_jax.planner.faults import Fault
from tests.planner.conftest import KEY, MODULES, make_backend

VARIABLES = (
  "OPENAI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY", "OPENAI_BASE_URL",
  "GOOGLE_GEMINI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID",
  "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
  "NO_PROXY", "no_proxy",
  *environment._PROXIES, *map(str.lower, environment._PROXIES),
)  # fmt: skip
PEM = "nothing of a certificate"


@pytest.fixture(autouse=True)
def clean(monkeypatch):
  for name in VARIABLES:
    monkeypatch.delenv(name, raising=False)


def refused(planner="openai", base_url=None):
  with pytest.raises(UserError) as caught:
    base.make(planner, base_url)
  said = str(caught.value)
  assert "\n" not in said and KEY not in said and KEY[:12] not in said
  return said


@pytest.mark.parametrize(
  "dress",
  ["{}\n", " {} ", "{}\r\n", '"{}"', "'{}'", "“{}”", "‘{}’", "`{}`", "\t{}",
   "Bearer {}", "bearer  {}", "Authorization: Bearer {}", "\ufeff{}",
   "\u200b{}", "OPENAI_API_KEY={}", "export OPENAI_API_KEY='{}'\n",
   '"Bearer {}"\n', "\u00a0{}", "{}\u2028"],
)  # fmt: skip
def test_what_copying_leaves_on_a_key_is_taken_off(monkeypatch, dress):
  monkeypatch.setenv("OPENAI_API_KEY", dress.format(KEY))
  assert environment.cleaned("OPENAI_API_KEY") == KEY
  line = f"it said {dress.format(KEY)} and {KEY}"
  assert KEY not in journal.redact(line)


@pytest.mark.parametrize(
  ("key", "what"),
  [
    (KEY[:9] + "\n" + KEY[9:], "a space or line break"),
    (KEY[:9] + " " + KEY[9:], "a space or line break"),
    (KEY[:9] + "”" + KEY[9:], "a quotation mark"),
    (KEY[:9] + '"' + KEY[9:], "a quotation mark"),
    (KEY[:9] + "é" + KEY[9:], "a letter outside of ASCII"),
    (KEY[:9] + "…", "a letter outside of ASCII"),
    (KEY[:9] + "\\n", "a backslash or control character"),
    (KEY[:9] + "\x1b[0m", "a backslash or control character"),
  ],
)  # fmt: skip
def test_a_key_that_can_be_none_is_one_sentence(monkeypatch, key, what):
  for planner, name in (("openai", "OPENAI_API_KEY"),
                        ("gemini", "GEMINI_API_KEY"),
                        ("gemini_legacy", "GOOGLE_API_KEY")):  # fmt: skip
    monkeypatch.setenv(name, key)
    said = refused(planner)
    assert said.startswith(f"{name} has {what} in it (place ")
    monkeypatch.delenv(name)


def test_organizations_are_headers_too(monkeypatch):
  monkeypatch.setenv("OPENAI_API_KEY", KEY)
  monkeypatch.setenv("OPENAI_ORG_ID", "org-a b")
  assert "OPENAI_ORG_ID has a space" in refused()
  monkeypatch.setenv("OPENAI_ORG_ID", " org-ab\n")
  assert environment.server_of("openai", None).organization == "org-ab"


@pytest.mark.parametrize("empty", ["", " ", "\n", '""', "Bearer "])
def test_an_empty_key_is_none(monkeypatch, empty):
  monkeypatch.setenv("OPENAI_API_KEY", empty)
  said = refused()
  assert "needs a key: set OPENAI_API_KEY" in said
  assert "OPENAI_API_KEY is empty" in said
  own = environment.server_of("openai", "http://localhost:11434/v1")
  assert own.key == "none" and own.is_own and own.is_here


@pytest.mark.parametrize(
  ("url", "expected"),
  [
    ("http://localhost:11434/v1", "http://localhost:11434/v1"),
    ("http://localhost:11434/v1/", "http://localhost:11434/v1"),
    ("http://localhost:11434", "http://localhost:11434"),
    ("http://localhost:11434//", "http://localhost:11434"),
    (" http://h/v1/chat/completions/ \n", "http://h/v1"),
    ("https://h/api/v1/completions", "https://h/api/v1"),
    ("https://h/v1/models", "https://h/v1"),
    ("'http://[::1]:8080/v1'", "http://[::1]:8080/v1"),
    ("http://h/v1?key=1#x", "http://h/v1"),
    ("<http://h/v1>", "http://h/v1"),
    ("http://h/v1\u200b", "http://h/v1"),
    ("\ufeff'http://h' ", "http://h"),
    ("http://h:11434/api/chat", "http://h:11434"),
    ("http://h:11434/api/generate/", "http://h:11434"),
    ("http://h:3000/api/chat/completions", "http://h:3000/api"),
  ],
)
def test_addresses_lose_what_is_not_theirs(url, expected):
  assert environment.address(url, "--base_url") == expected


@pytest.mark.parametrize(
  ("url", "reason"),
  [
    ("localhost:11434/v1", "did you mean http://localhost:11434/v1?"),
    ("localhost", "did you mean http://localhost?"),
    ("10.0.0.7:8000", "did you mean http://10.0.0.7:8000?"),
    ("htp://localhost", "its scheme is none of http, https"),
    ("ws://localhost", "its scheme is none of http, https"),
    ("http:/localhost", "its host is missing"), ("http://", "its host"),
    ("http://local host/v1", "its host"), ("http://<host>/v1", "its host"),
    ("", "its scheme"),
    ("http://h:port/v1", "cannot be read"), ("http://h:99999", "cannot be"),
    ("http://h:0/v1", "no port 0"), ("http://h/v 1", "a space in it"),
    ("http://h/\u200bv1", "nobody can see"),
    ("http://h:1/v1,http://h:2/v1", "there are two in one"),
    ("http://[::1/v1", "cannot be read"), ("nonsense words", "its scheme"),
  ],
)  # fmt: skip
def test_an_address_that_is_none_is_one_sentence(monkeypatch, url, reason):
  said = refused(base_url=url)
  assert said.startswith(f"--base_url={url} ") and reason in said
  if not url:
    return  # a variable that is empty is none
  monkeypatch.setenv("OPENAI_API_KEY", KEY)
  monkeypatch.setenv("OPENAI_BASE_URL", url)
  said = refused()
  assert said.startswith(f"OPENAI_BASE_URL={url} ") and reason in said


@pytest.mark.parametrize(
  "url",
  ["http://me:hun@ter2@h ost/v1", "http://me:hun/ter2@h", "me:hunter2@h:1x/v1"],
)
def test_no_sentence_tells_a_password(url):
  with pytest.raises(UserError) as caught:
    environment.address(url, "--base_url")
  assert "ter2" not in str(caught.value) and "hun" not in str(caught.value)


def test_a_variable_may_name_the_server(monkeypatch):
  monkeypatch.setenv("OPENAI_BASE_URL", "http://10.0.0.7:8000/v1/")
  own = environment.server_of("openai", None)
  assert own.base_url == "http://10.0.0.7:8000/v1"
  assert own.is_own and not own.is_here
  flag = environment.server_of("openai", "http://127.0.0.1/v1")
  assert flag.base_url == "http://127.0.0.1/v1" and flag.is_here
  monkeypatch.setenv("OPENAI_BASE_URL", " ")  # as if it were not set
  monkeypatch.setenv("OPENAI_API_KEY", KEY)
  assert environment.server_of("openai", None).base_url is None
  monkeypatch.setenv("OPENAI_BASE_URL", "https://api.openai.com/v1")
  assert not environment.server_of("openai", None).is_own


def test_gemini_has_such_a_variable_too(monkeypatch):
  monkeypatch.setenv("GEMINI_API_KEY", KEY)
  monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", "localhost:8080")
  assert refused("gemini").startswith("GOOGLE_GEMINI_BASE_URL=localhost:8080")
  monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", "http://localhost:8080/")
  own = environment.server_of("genai", None)
  assert own.base_url == "http://localhost:8080" and not own.is_own


def test_a_proxy_is_named_with_the_address(monkeypatch):
  monkeypatch.setenv("HTTPS_PROXY", "http://me:hunter2@proxy:3128")
  make = lambda url: environment.Server("k", url, True, False)
  assert make("https://h/v1").shown("") == (
    "https://h/v1 through HTTPS_PROXY=http://proxy:3128"
  )
  assert make("http://u:pw@h/v1").shown("") == "http://h/v1"
  monkeypatch.setenv("NO_PROXY", "h")
  assert make("https://h/v1").shown("") == "https://h/v1"


@pytest.mark.parametrize(
  ("host", "expected"),
  [
    ("localhost", True), ("127.0.0.1", True), ("127.8.8.8", True),
    ("::1", True), ("0.0.0.0", True), ("ollama.localhost", True),
    ("10.0.0.1", False), ("localhost.example.com", False), ("", False),
  ],
)  # fmt: skip
def test_which_hosts_are_this_machine(host, expected):
  assert environment.is_loopback(host) == expected


@pytest.mark.parametrize("planner", MODULES)
@pytest.mark.parametrize("name", ["HTTPS_PROXY", "ALL_PROXY", "http_proxy"])
@pytest.mark.parametrize(
  ("value", "reason"),
  [
    ("socks://127.0.0.1:9050", "its scheme is none of"),
    ("socks4://127.0.0.1:9050", "its scheme is none of"),
    ("http://proxy:port", "cannot be read"),
    ("http://", "its host is missing"),
    ("http://proxy:3128 ", "a space at an end"),
    ("http://me:hunter2@pro xy:3128", "its host"),
  ],
)
def test_a_proxy_that_is_none_is_one_sentence(
  monkeypatch, planner, name, value, reason
):
  for key in ("OPENAI_API_KEY", "GEMINI_API_KEY"):
    monkeypatch.setenv(key, KEY)
  monkeypatch.setenv(name, value)
  said = refused(planner)
  assert said.startswith(f"{name}=") and reason in said
  assert "unset it" in said and "hunter2" not in said


def test_a_socks_proxy_wants_its_package(monkeypatch):
  monkeypatch.setattr(environment.util, "find_spec", lambda name: None)
  monkeypatch.setenv("OPENAI_API_KEY", KEY)
  monkeypatch.setenv("ALL_PROXY", "socks5h://127.0.0.1:9050")
  assert "pip install socksio, or unset it" in refused()
  monkeypatch.setenv("GEMINI_API_KEY", KEY)
  assert "pip install PySocks" in refused("gemini_legacy")


@pytest.mark.parametrize("planner", MODULES)
def test_certificates_that_are_none_are_one_sentence(
  monkeypatch, planner, tmp_path
):
  for key in ("OPENAI_API_KEY", "GEMINI_API_KEY"):
    monkeypatch.setenv(key, KEY)
  wrong = tmp_path / "ca.pem"
  wrong.write_text(PEM)
  names = ("SSL_CERT_FILE",)
  if planner == "gemini_legacy":
    names = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
  for name in names:
    for path, reason in (("/no/ca.pem", "no such file"),
                         (wrong, "without certificates")):  # fmt: skip
      monkeypatch.setenv(name, str(path))
      said = refused(planner)
      assert said.startswith(f"{name}={path} is") and reason in said
      monkeypatch.delenv(name)
  monkeypatch.setenv("SSL_CERT_DIR", "/no")
  assert "SSL_CERT_DIR=/no is no folder" in refused(planner)


@pytest.mark.parametrize("planner", MODULES)
def test_nothing_stands_between_this_machine_and_itself(
  monkeypatch, planner, server
):
  """The network's proxies and certificates are not for localhost."""
  make_backend(planner, server, monkeypatch)  # or it is not installed
  for name in ("NO_PROXY", "no_proxy"):
    monkeypatch.delenv(name)
  for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
    monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv(name.lower(), "http://127.0.0.1:9")
  if planner != "gemini":  # whose SDK loads them for http too
    monkeypatch.setenv("SSL_CERT_FILE", "/no")
  backend = base.make(planner, server.base_url(planner))
  question = Question("m", "s", "u", None, {"type": "object"}, 99, 2.0)
  server.answer = lambda call: {"ok": True}
  assert backend.ask(question).text == '{"ok": true}'
  assert len(server.calls) == 1


@pytest.mark.parametrize(
  ("url", "detail"),
  [
    ("http://127.0.0.1:1/v1", faults.NOBODY),
    ("http://no-such-host.invalid/v1", faults.NO_HOST),
    ("https", faults.NO_TLS),
  ],
)
def test_how_a_connection_fails_is_told(monkeypatch, server, url, detail):
  pytest.importorskip("openai")
  if url == "https":  # to a port that speaks http
    url = server.url.replace("http:", "https:")
  backend = base.make("openai", url)
  question = Question("m", "s", "u", None, {}, 99, 2.0)
  with pytest.raises(Fault) as caught:
    backend.ask(question)
  assert caught.value.kind == faults.DROPPED
  assert caught.value.detail == detail
  assert faults.phrase(caught.value) != faults.phrase(Fault(faults.DROPPED))
