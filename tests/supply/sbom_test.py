"""The list of what a program is made of, against the program and the rules of SPDX 2.3."""
from __future__ import annotations

import copy
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = Path(os.environ.get("EVERGOLD_RELEASE", ROOT / "build/evergold"))
MAKER = ROOT / "tests/supply/sbom.py"

# What SPDX 2.3 requires (clauses 6, 7 and 11), and the form of each.
ID = r"SPDXRef-[A-Za-z0-9.-]+"
LICENCE = r"NOASSERTION|NONE|[A-Za-z0-9.-]+( OR [A-Za-z0-9.-]+)*"
DOCUMENT = {"spdxVersion": r"SPDX-2\.3", "dataLicense": r"CC0-1\.0", "SPDXID": "SPDXRef-DOCUMENT",
            "name": r".+", "documentNamespace": r"https://[^#\s]+"}
CREATION = {"created": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"}
CREATOR = r"(Tool: \S+-\S+|(Person|Organization): .+)"
PACKAGE = {"name": r".+", "SPDXID": ID, "downloadLocation": r"NOASSERTION|NONE|[a-z+]+://\S+"}
OPTIONAL = {"supplier": r"NOASSERTION|(Person|Organization): .+( \(\S+@\S+\))?",
            "licenseConcluded": LICENCE, "licenseDeclared": LICENCE, "versionInfo": r".+",
            "primaryPackagePurpose": r"APPLICATION|LIBRARY|FILE"}
RELATIONSHIP = {"spdxElementId": ID, "relatedSpdxElement": ID,
                "relationshipType": r"DESCRIBES|DEPENDS_ON|RUNTIME_DEPENDENCY_OF"}


def misshapen(thing, required, optional=()):
    return ([key for key in required if not re.fullmatch(required[key], thing.get(key, ""))] +
            [key for key in optional if key in thing
             and not re.fullmatch(optional[key], thing[key])])


def faults(sbom):
    """What the specification does not allow, a line each."""
    packages, relationships = sbom.get("packages", []), sbom.get("relationships", [])
    ids = [sbom.get("SPDXID"), *(package.get("SPDXID") for package in packages)]
    creation = sbom.get("creationInfo", {})
    found = misshapen(sbom, DOCUMENT) + misshapen(creation, CREATION)
    found += [f"creator {who}" for who in creation.get("creators") or ["none"]
              if not re.fullmatch(CREATOR, who)]
    found += [key for package in packages for key in misshapen(package, PACKAGE, OPTIONAL)]
    found += ["filesAnalyzed without packageVerificationCode" for package in packages
              if package.get("filesAnalyzed", True) and "packageVerificationCode" not in package]
    found += [key for each in relationships for key in misshapen(each, RELATIONSHIP)]
    found += [f"no element {end}" for each in relationships
              for end in (each.get("spdxElementId"), each.get("relatedSpdxElement"))
              if end not in ids]
    found += [f"{one} twice" for one in set(ids) if ids.count(one) > 1]
    if not any(each.get("relationshipType") == "DESCRIBES" for each in relationships):
        found.append("describes nothing")
    return found


def make(**environment):
    done = subprocess.run([sys.executable, MAKER, PROGRAM, "1.2.3"], capture_output=True,
                          check=True, text=True, env={**os.environ, **environment})
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def sbom():
    return make(SOURCE_DATE_EPOCH="1000000000")


def test_it_is_as_the_specification_says(sbom):
    assert faults(sbom) == []


def needed_by_the_program():
    listed = subprocess.run(["readelf", "-d", PROGRAM], capture_output=True, check=True, text=True)
    return re.findall(r"NEEDED.*\[(lib\w+?)[-.\d]*\.so", listed.stdout)


def test_what_the_program_needs_is_in_it(sbom):
    main = [each["relatedSpdxElement"] for each in sbom["relationships"]
            if each["spdxElementId"] == "SPDXRef-evergold"]
    assert len(main) == len(needed_by_the_program()) > 0
    assert {"curl", "jansson", "sqlite3"} <= {
        word for each in main for word in re.findall(r"curl|jansson|sqlite3", each)}


def test_all_of_it_is_what_the_program_uses(sbom):
    """Nobody is in it who is not reached from the program."""
    reached, before = {"SPDXRef-evergold"}, None
    while reached != before:
        before = set(reached)
        for each in sbom["relationships"]:
            one, other = each["spdxElementId"], each["relatedSpdxElement"]
            if each["relationshipType"] == "RUNTIME_DEPENDENCY_OF":
                one, other = other, one
            reached |= {other} if one in before else set()
    assert {package["SPDXID"] for package in sbom["packages"]} == reached


def test_the_same_program_at_the_same_time_is_the_same_document(sbom):
    assert make(SOURCE_DATE_EPOCH="1000000000") == sbom
    assert sbom["creationInfo"]["created"] == "2001-09-09T01:46:40Z"
    later = make(SOURCE_DATE_EPOCH="1000000001")
    assert later["documentNamespace"] != sbom["documentNamespace"]


def test_without_dpkg_what_is_not_known_is_not_asserted(tmp_path):
    for tool in ("ldd", "readelf"):
        (tmp_path / tool).symlink_to(shutil.which(tool))
    sbom = make(PATH=str(tmp_path))
    libraries = [each for each in sbom["packages"] if each["name"] != "evergold"]
    assert faults(sbom) == []
    assert "libcurl.so.4" in {each["name"] for each in libraries}
    assert {each["supplier"] for each in libraries} == {"NOASSERTION"}
    assert not any("versionInfo" in each for each in libraries)


@pytest.mark.parametrize("key", [*DOCUMENT, "creationInfo", "relationships"])
def test_a_document_without_what_is_required_is_found(sbom, key):
    broken = copy.deepcopy(sbom)
    del broken[key]
    assert faults(broken) != []


@pytest.mark.parametrize("key", [*PACKAGE, "filesAnalyzed"])
def test_a_package_without_what_is_required_is_found(sbom, key):
    broken = copy.deepcopy(sbom)
    del broken["packages"][1][key]
    assert faults(broken) != []
