"""A small OpenID Connect provider on loopback: discovery, keys, code with PKCE, user, sign-out.

What it does wrong, a test says: `wrong` names claims of the token that are to be other than right,
`signer` is the key that signs, `algorithm` how.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT, SECRET = "huying", "not-so-secret"


class Provider:
    """Whoever comes is `subject`, and signs in at once."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self.signer: Any = self.key
        self.algorithm = "RS256"
        self.subject = "u-1001"
        self.extra: dict[str, Any] = {}
        self.wrong: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.without_token = False
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                provider.answer(self, parts.path, query)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {name: values[0] for name, values in parse_qs(body).items()}
                provider.answer(self, urlsplit(self.path).path, form)

            def log_message(self, *_words: Any) -> None:
                """Silence."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}/realm"
        # Whoever shuts it down waits for the end of a look; half a second each is the library's.
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def answer(self, handler: Any, path: str, given: dict[str, str]) -> None:
        what = path.removeprefix("/realm/")
        self.asked.append(what)
        pages = {
            ".well-known/openid-configuration": self.discovery,
            "keys": lambda *_: KeySet([self.key]).as_dict(private=False),
            "authorize": self.authorize,
            "token": self.token,
            "user": lambda *_: {"sub": self.subject} | self.userinfo,
            "logout": lambda _handler, given: given["post_logout_redirect_uri"],
        }
        found = pages[what](handler, given)
        if isinstance(found, str):
            handler.send_response(302)
            handler.send_header("Location", found)
            handler.end_headers()
            return
        body = json.dumps(found).encode()
        handler.send_response(400 if "error" in found else 200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def discovery(self, _handler: Any, _given: dict[str, str]) -> dict[str, Any]:
        at = self.issuer
        return {
            "issuer": at,
            "authorization_endpoint": f"{at}/authorize",
            "token_endpoint": f"{at}/token",
            "jwks_uri": f"{at}/keys",
            "userinfo_endpoint": f"{at}/user",
            "end_session_endpoint": f"{at}/logout",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            "code_challenge_methods_supported": ["S256"],
        } | self.metadata

    def authorize(self, _handler: Any, given: dict[str, str]) -> str:
        assert given["client_id"] == CLIENT
        assert given["response_type"] == "code"
        assert given["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = given
        return f"{given['redirect_uri']}?{urlencode({'code': code, 'state': given['state']})}"

    def token(self, handler: Any, given: dict[str, str]) -> dict[str, Any]:
        expected = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if handler.headers.get("Authorization") != f"Basic {expected}":
            return {"error": "invalid_client"}
        asked = self.codes.pop(given["code"], None)
        if asked is None or asked["redirect_uri"] != given["redirect_uri"]:
            return {"error": "invalid_grant"}
        digest = hashlib.sha256(given["code_verifier"].encode()).digest()
        if _packed(digest) != asked["code_challenge"]:
            return {"error": "invalid_grant"}
        answer = {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer"}
        return answer if self.without_token else answer | {"id_token": self.signed(asked["nonce"])}

    def signed(self, nonce: str) -> str:
        now = int(time.time())
        right = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": self.subject,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
        }
        claims = {k: v for k, v in (right | self.extra | self.wrong).items() if v is not None}
        header = {"alg": self.algorithm, "kid": "one"}
        if self.algorithm in ("none", "HS256"):
            parts = [json.dumps(part).encode() for part in (header, claims)]
            body = ".".join(_packed(part) for part in parts)
            mac = b""
            if self.algorithm == "HS256":
                mac = hmac.digest(self.signer, body.encode(), "sha256")
            return f"{body}.{_packed(mac)}"
        return jwt.encode(header, claims, self.signer, algorithms=[self.algorithm])


def _packed(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()
