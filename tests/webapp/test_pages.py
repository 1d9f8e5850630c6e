"""The checker itself: a good page passes, and each kind of bad page fails by name."""

from __future__ import annotations

import pytest
from werkzeug.test import EnvironBuilder, TestResponse

from tests.support.pages import check
from webapp.security import HEADERS

CHINESE = """<!doctype html>
<html lang="zh-CN">
<head><meta charset="utf-8"><title>您的年龄 · 民意</title></head>
<body>
<main>
<h1>您的年龄</h1>
<p>请您填写周岁，约需 5 分钟。参考 <code>demo-01</code>。
<a href="/?lang=en" lang="en">English</a></p>
<form action="/d/x/age" method="post">
<label for="age">年龄</label><input id="age" name="age">
<fieldset><legend>性别</legend><label><input type="radio" name="sex" value="1">女</label></fieldset>
<button>继续</button>
</form>
</main>
</body>
</html>"""
ENGLISH = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Your age · Minyi</title></head>
<body><main><h1>Your age</h1><p>In full years. <a href="/" lang="zh-CN">中文</a></p></main></body>
</html>"""


def answer(html: str, path: str = "/", **headers: str) -> TestResponse:
    request = EnvironBuilder(path=path).get_request()
    kept = {**HEADERS, "Content-Type": "text/html; charset=utf-8", **headers}
    return TestResponse([html.encode()], "200 OK", kept, request)


@pytest.mark.parametrize("page", [CHINESE, ENGLISH])
def test_a_good_page_passes(page: str) -> None:
    check(answer(page))


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("</main>", "", "invalid HTML"),
        ("</main>", "</span></main>", "invalid HTML"),
        ("<p>", '<p class="a" class="b">', "duplicate-attribute"),
        ("<!doctype html>\n", "", "invalid HTML"),
        ("<form", "<ul><p>一</p></ul><form", "<p> directly inside <ul>"),
        ("<button>继续", "<button><div>继</div>续", "<div> inside <button>"),
        ("</h1>", "</h1><h1>又一</h1>", "one h1"),
        ("<title>您的", "<title>他的", "does not start with the h1"),
        ('lang="zh-CN"', "", "lang attribute"),
        ('id="age"', 'id="years"', "'age'"),
        ("<form", '<p id="age">年</p><form', "id 'age' stands 2 times"),
        ('<label for="age">年龄</label>', "", "a control without a label"),
        ("<legend>性别</legend>", "", "outside any fieldset"),
        (' action="/d/x/age"', "", "without action or method"),
        (' method="post"', "", "without action or method"),
        ("<button>继续", '<button onclick="x()">继续', "event handler"),
        ("<main>", '<main style="color:red">', "style inside"),
        ("<main>", "<main><script>x()</script>", "script inside"),
        ("<main>", '<main><script type="application/json">{</script>', "no JSON"),
        ('href="/?lang=en"', 'href="https://example.org/"', "someone else"),
        ('href="/?lang=en"', 'href="//example.org/"', "someone else"),
        ('href="/?lang=en"', 'href="javascript:x()"', "script in an address"),
        ("<main>", '<main><img src="/a.png">', "picture without alt"),
        ("继续", "Continue", "'Continue' on a Chinese page"),
        ('name="age"', 'name="age" placeholder="Years"', "'Years' on a Chinese page"),
        ("周岁，", "周岁,", "half-width ','"),
        ("年龄</label>", "年龄</label>:", "half-width ':'"),
        ("<code>demo-01</code>", "<b>见</b>(一)", "half-width '('"),
    ],
)
def test_a_bad_chinese_page_fails(old: str, new: str, complaint: str) -> None:
    assert old in CHINESE
    with pytest.raises(AssertionError) as failure:
        check(answer(CHINESE.replace(old, new)))
    assert complaint in str(failure.value)


def test_chinese_on_an_english_page_fails() -> None:
    with pytest.raises(AssertionError, match="Chinese on an English page"):
        check(answer(ENGLISH.replace("In full years", "周岁")))


@pytest.mark.parametrize(
    ("door", "path", "headers", "complaint"),
    [
        ("", "/", {"Content-Security-Policy": "default-src *"}, "content policy"),
        ("", "/", {"X-Content-Type-Options": ""}, "nosniff"),
        ("", "/", {"Content-Type": "text/html"}, "names no charset"),
        ("", "/", {"Location": "https://example.org/"}, "another host"),
        ("resident", "/", {"Set-Cookie": "a=1"}, "sets a cookie"),
        ("resident", "/d/x/age", {}, "no-store"),
        ("staff", "/staff/", {}, "csrf_token"),
    ],
)
def test_a_loose_header_fails(
    door: str, path: str, headers: dict[str, str], complaint: str
) -> None:
    with pytest.raises(AssertionError, match=complaint):
        check(answer(CHINESE, path, **headers), door)


def test_a_complaint_names_the_page_and_shows_the_place() -> None:
    with pytest.raises(AssertionError) as failure:
        check(answer(CHINESE.replace("<button>继续", "<button>"), "/somewhere"))
    assert "GET /somewhere" in str(failure.value)
    assert "<button></button>" in str(failure.value)
