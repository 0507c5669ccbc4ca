"""Writes all cases of this folder; what is wanted comes from botocore's signer.

    build/venv/bin/python -m tests.cases.sigv4.make

A case is a request as text, its context, and the three texts that signing it makes.
"""

from __future__ import annotations

import json
from pathlib import Path

from tests.differential.botocore_signer import Request, sign

HERE = Path(__file__).parent
TOKEN = "IQoJb3JpZ2luX2VjEJr//////////wEaCWV1LXdlc3QtMSJHMEUCIQ+a/b=="


def aws(service: str, target: str, version: str = "1.1", **rest) -> Request:
    """A call as the worker makes it."""
    return Request(service=service, headers=[
        ("Host", f"{service}.eu-west-1.amazonaws.com"),
        ("Content-Type", f"application/x-amz-json-{version}"),
        ("X-Amz-Target", target),
    ], **rest)


def get(path: str = "/", query: str = "", **rest) -> Request:
    return Request(method="GET", path=path, query=query, headers=[("Host", "example.com")], **rest)


def headed(*headers: tuple[str, str], **rest) -> Request:
    return Request(headers=[("Host", "example.com"), *headers], **rest)


CASES = {
    "service-sqs-receive": aws("sqs", "AmazonSQS.ReceiveMessage", "1.0",
                               body='{"QueueUrl":"https://sqs.eu-west-1.amazonaws.com/1/q"}'),
    "service-sqs-token": aws("sqs", "AmazonSQS.DeleteMessageBatch", "1.0", session_token=TOKEN,
                             body='{"QueueUrl":"https://sqs.eu-west-1.amazonaws.com/1/q"}'),
    "service-codepipeline": aws("codepipeline", "CodePipeline_20150709.StartPipelineExecution",
                                body='{"name":"golden","clientRequestToken":"0a"}'),
    "service-codepipeline-token": aws("codepipeline", "CodePipeline_20150709.ListActionExecutions",
                                      session_token=TOKEN, body='{"pipelineName":"golden"}'),
    "service-ssm": aws("ssm", "AmazonSSM.PutParameter", region="us-gov-west-1",
                       body='{"Name":"/golden/ami","Value":"ami-0123456789abcdef0"}'),
    "service-ssm-china": aws("ssm", "AmazonSSM.GetParameter", region="cn-north-1",
                             body='{"Name":"/golden/ami"}'),
    "service-dynamodb": aws("dynamodb", "DynamoDB_20120810.PutItem", "1.0",
                            body='{"TableName":"evergold"}'),
    "service-secretsmanager": aws("secretsmanager", "secretsmanager.GetSecretValue",
                                  body='{"SecretId":"slack"}'),
    "service-sns-form": Request(service="sns", headers=[
        ("Host", "sns.eu-west-1.amazonaws.com"),
        ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),
    ], body="Action=Subscribe&Version=2010-03-31&Protocol=sqs"),
    "service-sts-form": Request(service="sts", headers=[
        ("Host", "sts.eu-west-1.amazonaws.com"),
        ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),
    ], body="Action=GetCallerIdentity&Version=2011-06-15"),
    "service-ec2-form": Request(service="ec2", headers=[
        ("Host", "ec2.eu-west-1.amazonaws.com"),
        ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),
    ], body="Action=DescribeImages&Version=2016-11-15&ImageId.1=ami-1"),
    "service-s3-signed-body": Request(method="PUT", service="s3", path="/a//b/../c", sign_body=True,
                                      normalize=False, headers=[("Host", "b.s3.amazonaws.com")],
                                      body="an object"),

    "plain-get": get(),
    "plain-post-empty": headed(),
    "method-delete": Request(method="DELETE", headers=[("Host", "example.com")]),

    "header-order": headed(("Zebra", "1"), ("alpha", "2"), ("Mike", "3"), ("BRAVO", "4")),
    "header-case": headed(("X-MiXeD-CaSe", "Value Keeps Its CASE")),
    "header-prefix-names": headed(("X-Amz-A-B", "long"), ("X-Amz-A", "short"), ("X-Amz", "base")),
    "header-digits-and-signs": headed(("a_b", "1"), ("a-b", "2"), ("a.b", "3"), ("a1", "4")),
    "header-trim": headed(("Padded", "   both sides \t "), ("Left", "\t left"),
                          ("Right", "right  ")),
    "header-inner-blanks": headed(("Spread", "a  b   c \t\t d")),
    "header-quoted-blanks": headed(("Quoted", '"a   b"   "c"')),
    "header-empty": headed(("Empty", ""), ("Blank", "   ")),
    "header-duplicates": headed(("Same", "one"), ("Same", "two"), ("Same", "three")),
    "header-duplicates-keep-order": headed(("Same", "z"), ("Other", "m"), ("Same", "a")),
    "header-duplicates-any-case": headed(("SAME", "one"), ("same", "two"), ("Same", " three ")),
    "header-duplicates-equal": headed(("Same", "one"), ("Same", "one")),
    "header-folded": headed(("Long", "first\n  second\n\tthird")),
    "header-folded-blanks": headed(("Long", "first  \n     second   word")),
    "header-unicode": headed(("Name", "Größe → groß")),
    "header-commas-and-colons": headed(("List", "a, b:c, d"), ("Url", "https://example.com:8443/x")),
    "host-with-port": Request(headers=[("Host", "localhost:4566")]),
    "host-ipv6": Request(headers=[("Host", "[::1]:4566")]),
    "no-headers-but-date": Request(headers=[("host", "h")]),
    "thirty-two-headers": Request(headers=[("Host", "h")] +
                                  [(f"x-{(i * 7) % 31:02}", str(i)) for i in range(31)]),

    "body-unicode": headed(body='{"text":"Ünïcödé ☃ 𝄞"}'),
    "body-lines": headed(body="first\nsecond\r\n\nlast\n"),
    "body-long": headed(body="0123456789abcdef" * 300),
    "body-hash-as-header": headed(sign_body=True, body="hello"),
    "body-hash-as-header-empty": headed(sign_body=True),

    "token-signed": headed(session_token=TOKEN),
    "token-after": headed(session_token=TOKEN, token_after=True),
    "token-and-body-hash": headed(session_token=TOKEN, sign_body=True, body="x"),
    "token-long": headed(session_token="Ab3/+=" * 400),

    "query-one": get(query="Action=List"),
    "query-sorted": get(query="b=2&a=1&c=3"),
    "query-same-name": get(query="a=2&a=1&a=10&a="),
    "query-name-before-dash": get(query="a-b=1&a=2&a.b=3&a%20=4"),
    "query-upper-before-lower": get(query="b=1&B=2&a=3&A=4"),
    "query-no-value": get(query="flag&other=&third"),
    "query-equals-in-value": get(query="filter=a=b==&x=1"),
    "query-empty-pieces": get(query="&a=1&&b=2&"),
    "query-only-equals": get(query="="),
    "query-encoded": get(query="a=%20%2F%7E&b%3D=c%26"),
    "query-percent-at-the-end": get(query="a=%4&b=%&c=%zz&d=%4z"),
    "query-encoded-lower-hex": get(query="a=%c3%bc&b=%2f"),
    "query-raw-specials": get(query="path=/a:b@c,d;e$f!g*h'i(j)&x=<y>"),
    "query-plus": get(query="a=b+c"),
    "query-raw-unicode": get(query="größe=ü&☃=1"),
    "query-unreserved": get(query="-._~=~_.-&AZaz09=90zaZA"),
    "query-sorted-by-encoding": get(query="ü=1&z=2&%7Ea=3&_=4"),

    "path-plain": get("/some/where"),
    "path-trailing-slash": get("/some/where/"),
    "path-blank": get("/a path/with blanks"),
    "path-unicode": get("/größe/☃"),
    "path-unreserved": get("/-._~0123456789ABCXYZabcxyz"),
    "path-reserved": get("/a:b@c,d;e$f!g*h'i(j)+k=l&m"),
    "path-encoded-once-more": get("/a%20b/%2F"),
    "path-dots-normalized": get("/a/./b/../c"),
    "path-dots-kept": get("/a/./b/../c", normalize=False),
    "path-slashes-normalized": get("//a///b//"),
    "path-slashes-kept": get("/a///b//", normalize=False),
    "path-above-the-root": get("/../../a/../.."),
    "path-dot-at-the-end": get("/a/b/."),
    "path-dots-at-the-end": get("/a/b/.."),
    "path-three-dots": get("/.../a..b/..c"),
    "path-arn": get("/arn:aws:sns:eu-west-1:111122223333:topic", normalize=False),

    "time-midnight": headed(timestamp="2027-01-01T00:00:00Z"),
    "time-last-second": headed(timestamp="2026-12-31T23:59:59Z"),
    "time-leap-day": headed(timestamp="2028-02-29T12:00:00Z"),
    "secret-with-signs": headed(secret_access_key="/+=" * 20),
    "secret-longer-than-a-block": headed(secret_access_key="k" * 100),
}


def request_text(request: Request) -> str:
    target = request.path + ("?" + request.query if request.query else "")
    headers = "".join(f"{name}:{value}\n" for name, value in request.headers)
    return f"{request.method} {target} HTTP/1.1\n{headers}\n{request.body}"


def write(folder: Path, request: Request) -> None:
    signed = sign(request)
    texts = {
        "request.txt": request_text(request),
        "context.json": json.dumps(request.context(), indent=1, ensure_ascii=False) + "\n",
        "canonical-request.txt": signed.canonical_request,
        "string-to-sign.txt": signed.string_to_sign,
        "authorization.txt": signed.authorization,
    }
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode())


if __name__ == "__main__":
    for case_name, case in CASES.items():
        write(HERE / case_name, case)
