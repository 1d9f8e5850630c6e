"""What every response carries: a strict content policy, no sniffing, no framing, no referrer."""

from __future__ import annotations

from flask import Flask, Response

# plotly.js adds one empty style element; its hash is all the policy needs to let through.
EMPTY_STYLE = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"

POLICY = "; ".join(
    [
        "default-src 'none'",
        f"style-src 'self' {EMPTY_STYLE}",
        "script-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Blueprints that hold capability addresses say no-referrer themselves.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def install(app: Flask, https: bool) -> None:
    """Set the headers on every response; a view's own value stands."""
    headers = HEADERS | ({"Strict-Transport-Security": "max-age=31536000"} if https else {})

    @app.after_request
    def protect(response: Response) -> Response:
        own = {name for name, _ in response.headers}
        response.headers.extend((n, value) for n, value in headers.items() if n not in own)
        return response
