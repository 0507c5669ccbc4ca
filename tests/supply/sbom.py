"""What a program is made of, as SPDX 2.3 in JSON: python3 tests/supply/sbom.py PROGRAM VERSION

It names what the program really loads: the libraries that it needs, those that they need, and the
package that each is from, with its version, supplier and licence where dpkg knows them. What is not
known is NOASSERTION. SOURCE_DATE_EPOCH is the time of the document, else it is now.
"""
from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import quote

UNKNOWN = "NOASSERTION"
USED = ("ca-certificates", "tzdata")  # files that are read where they are there
FIELDS = ("Package", "Version", "Architecture", "Homepage", "Maintainer")
DOC = Path("/usr/share/doc")

# Debian's short names of licences, as SPDX has them.
LICENCES = {
    "Apache-2.0": "Apache-2.0", "BSD-2-clause": "BSD-2-Clause", "BSD-3-clause": "BSD-3-Clause",
    "Expat": "MIT", "GPL-2+": "GPL-2.0-or-later", "GPL-3+": "GPL-3.0-or-later", "ISC": "ISC",
    "LGPL-2+": "LGPL-2.0-or-later", "LGPL-2.1+": "LGPL-2.1-or-later",
    "LGPL-3+": "LGPL-3.0-or-later", "MIT": "MIT", "Zlib": "Zlib", "curl": "curl",
}


def said(*command: str) -> str | None:
    """What a command prints, or None where it fails or is not there."""
    try:
        return subprocess.run(command, capture_output=True, check=True, text=True,
                              env={**os.environ, "LC_ALL": "C"}).stdout
    except (OSError, subprocess.CalledProcessError):
        return None


def must_say(*command: str) -> str:
    answer = said(*command)
    if answer is None:
        sys.exit(f"sbom: {' '.join(command)} failed")
    return answer


# What is loaded.


def loaded(program: str) -> dict[str, str]:
    """Where the loader finds each library of the program, and each of theirs."""
    listed = must_say("ldd", program)
    if "not found" in listed:
        sys.exit(f"sbom: {program} needs a library that is not there")
    return dict(re.findall(r"^\s*(\S+) => (/\S+)", listed, re.MULTILINE))


def needed(file: str) -> list[str]:
    return re.findall(r"\(NEEDED\).*\[(.+)\]", must_say("readelf", "-d", file))


# The package that it is from.


def package_of(path: str) -> str | None:
    """dpkg knows a file by the name that its package gives it, with /usr or without."""
    real = os.path.realpath(path)
    for name in (real, real.removeprefix("/usr"), path):
        if owner := said("dpkg-query", "-S", name):
            return owner.rsplit(": ", 1)[0].split(", ")[0]
    return None


def facts_of(package: str) -> dict[str, str] | None:
    line = said("dpkg-query", "-W", "-f", "\t".join(f"${{{field}}}" for field in FIELDS), package)
    return dict(zip(FIELDS, line.split("\t"), strict=True)) if line else None


def licences_of(package: str) -> dict[str, str]:
    """Known is what a copyright file made for machines says alike of all files of upstream."""
    try:
        text = (DOC / package / "copyright").read_text(encoding="utf-8")
    except OSError:
        return {}
    names = sorted({name for files, name in re.findall(
        r"^Files: *(.+)\n(?:.+\n)*?License: *(.+)$", text, re.MULTILINE) if files != "debian/*"})
    if len(names) != 1:
        said_of = f"Files of the source package are under: {', '.join(names)}"
        return {"licenseComments": said_of} if names else {}
    known = [LICENCES.get(name) for name in names[0].split(" or ")]
    return {"licenseDeclared": " OR ".join(known)} if all(known) else {}


def supplier_of(maintainer: str) -> str:
    found = re.fullmatch(r"(.+) <(.+)>", maintainer)
    return f"Organization: {found[1]} ({found[2]})" if found else UNKNOWN


def distribution() -> str:
    text = Path("/etc/os-release").read_text(encoding="utf-8")
    return re.search(r'^ID="?(\w+)', text, re.MULTILINE)[1]


# The document.


def identity(name: str) -> str:
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", name)


def element(name: str, purpose: str, **known: Any) -> dict[str, Any]:
    return {"name": name, "SPDXID": identity(name), "downloadLocation": UNKNOWN,
            "filesAnalyzed": False, "supplier": UNKNOWN, "licenseConcluded": UNKNOWN,
            "licenseDeclared": UNKNOWN, "copyrightText": UNKNOWN,
            "primaryPackagePurpose": purpose, **known}


def packaged(package: str, purpose: str) -> dict[str, Any] | None:
    facts = facts_of(package)
    if not facts:
        return None
    name, version = facts["Package"], facts["Version"]
    purl = (f"pkg:deb/{distribution()}/{name}@{quote(version, safe=':')}"
            f"?arch={facts['Architecture']}")
    known = {"homepage": facts["Homepage"]} if facts["Homepage"] else {}
    return element(name, purpose, versionInfo=version, supplier=supplier_of(facts["Maintainer"]),
                   **licences_of(name), **known,
                   externalRefs=[{"referenceCategory": "PACKAGE-MANAGER",
                                  "referenceType": "purl", "referenceLocator": purl}])


def library(soname: str, path: str) -> dict[str, Any]:
    package = package_of(path)
    return (packaged(package, "LIBRARY") if package else None) or element(soname, "LIBRARY")


def itself(program: str, version: str) -> dict[str, Any]:
    digest = hashlib.sha256(Path(program).read_bytes()).hexdigest()
    return element("evergold", "APPLICATION", versionInfo=version, licenseConcluded="Apache-2.0",
                   licenseDeclared="Apache-2.0",
                   checksums=[{"algorithm": "SHA256", "checksumValue": digest}])


def related(one: dict[str, Any], how: str, other: dict[str, Any]) -> tuple[str, str, str]:
    return one["SPDXID"], how, other["SPDXID"]


def contents(program: str, version: str) -> dict[str, Any]:
    places = loaded(program)
    libraries = {soname: library(soname, path) for soname, path in places.items()}
    used = [package for name in USED if (package := packaged(name, "FILE"))]
    main = itself(program, version)
    edges = {("SPDXRef-DOCUMENT", "DESCRIBES", main["SPDXID"])}
    edges |= {related(package, "RUNTIME_DEPENDENCY_OF", main) for package in used}
    for holder, file in [(main, program), *((libraries[name], places[name]) for name in places)]:
        edges |= {related(holder, "DEPENDS_ON", libraries[name])
                  for name in needed(file) if name in libraries and libraries[name] != holder}
    packages = {each["SPDXID"]: each for each in [*libraries.values(), *used]}
    return {"packages": [main, *(packages[key] for key in sorted(packages))],
            "relationships": [{"spdxElementId": one, "relationshipType": how,
                               "relatedSpdxElement": other} for one, how, other in sorted(edges)]}


def document(program: str, version: str) -> dict[str, Any]:
    inside = contents(program, version)
    moment = int(os.environ.get("SOURCE_DATE_EPOCH") or time.time())
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))
    name = f"evergold-{version}"
    unique = uuid.uuid5(uuid.NAMESPACE_URL, created + json.dumps(inside))
    return {"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
            "name": name, "documentNamespace": f"https://spdx.org/spdxdocs/{name}-{unique}",
            "creationInfo": {"created": created, "creators": [f"Tool: evergold-sbom-{version}"]},
            **inside}


if __name__ == "__main__":
    print(json.dumps(document(*sys.argv[1:]), indent=1))
