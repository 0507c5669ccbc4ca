"""Parameter Store: versions, paths, pages, regions."""

from __future__ import annotations

import pytest


@pytest.fixture
def ssm(aws):
    return aws("ssm")


def test_versions_and_history(cloud, ssm):
    put = ssm.put_parameter(Name="/golden/ami", Value="ami-1", Type="String")
    assert (put["Version"], put["Tier"]) == (1, "Standard")
    with pytest.raises(ssm.exceptions.ParameterAlreadyExists):
        ssm.put_parameter(Name="/golden/ami", Value="ami-2", Type="String")
    assert ssm.put_parameter(Name="/golden/ami", Value="ami-2", Overwrite=True)["Version"] == 2
    parameter = ssm.get_parameter(Name="/golden/ami")["Parameter"]
    assert (parameter["Value"], parameter["Version"]) == ("ami-2", 2)
    assert parameter["ARN"] == "arn:aws:ssm:eu-west-1:111122223333:parameter/golden/ami"
    assert ssm.get_parameter(Name="/golden/ami:1")["Parameter"]["Value"] == "ami-1"
    history = ssm.get_parameter_history(Name="/golden/ami")["Parameters"]
    assert [each["Value"] for each in history] == ["ami-1", "ami-2"]
    assert cloud.violations() == []


def test_not_found_has_no_message(ssm):
    with pytest.raises(ssm.exceptions.ParameterNotFound) as refusal:
        ssm.get_parameter(Name="/none")
    assert refusal.value.response["Error"].get("Message", "") == ""


def test_several_at_once(ssm, cloud):
    cloud.parameter("/a", "1")
    answer = ssm.get_parameters(Names=["/a", "/b"])
    assert [each["Value"] for each in answer["Parameters"]] == ["1"]
    assert answer["InvalidParameters"] == ["/b"]


def test_by_path_in_pages(ssm, cloud):
    for number in range(12):
        cloud.parameter(f"/p/{number:02d}", str(number))
    cloud.parameter("/p/deep/er", "x")
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path="/p", MaxResults=5)
    names = [[each["Name"] for each in page["Parameters"]] for page in pages]
    assert [len(page) for page in names] == [5, 5, 2]
    deep = ssm.get_parameters_by_path(Path="/p/deep", Recursive=True)["Parameters"]
    assert [each["Value"] for each in deep] == ["x"]


def test_regions_are_apart(cloud, aws, ssm):
    ssm.put_parameter(Name="/a", Value="1", Type="String")
    with pytest.raises(ssm.exceptions.ParameterNotFound):
        aws("ssm", "us-east-1").get_parameter(Name="/a")
    assert aws("ssm", "us-east-1").get_parameters_by_path(Path="/")["Parameters"] == []
    assert cloud.parameters() == {"eu-west-1:/a": "1"}


def test_a_wrong_image_id_is_accepted_and_not_stored(cloud, ssm):
    given = {"Name": "/a", "Type": "String", "DataType": "aws:ec2:image"}
    assert ssm.put_parameter(Value="no image", **given)["Version"] == 1
    assert cloud.parameters() == {}
    ssm.put_parameter(Value="ami-0123456789abcdef0", **given)
    cloud.wait_for(parameter={"name": "/a", "value": "ami-0123456789abcdef0"})


def test_public_parameters_belong_to_nobody(cloud, ssm):
    name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-x86_64"
    cloud.parameter(name, "ami-0123456789abcdef0")
    assert ssm.get_parameter(Name=name)["Parameter"]["ARN"] == (
        f"arn:aws:ssm:eu-west-1::parameter{name}")


def test_a_secure_string_is_shown_when_it_is_to_be_decrypted(cloud, ssm):
    cloud.parameter("/slack/token", "xoxb-1", type="SecureString")
    hidden = ssm.get_parameter(Name="/slack/token")["Parameter"]
    assert hidden["Type"] == "SecureString" and "xoxb" not in hidden["Value"]
    shown = ssm.get_parameter(Name="/slack/token", WithDecryption=True)["Parameter"]
    assert shown["Value"] == "xoxb-1"
    listed, = ssm.get_parameters_by_path(Path="/slack")["Parameters"]
    assert listed["Value"] == hidden["Value"]
    assert cloud.violations() == []


def test_a_parameter_by_its_arn(cloud, ssm, aws):
    cloud.parameter("/slack/token", "xoxb-1", account="444455556666")
    arn = "arn:aws:ssm:eu-west-1:444455556666:parameter/slack/token"
    assert ssm.get_parameter(Name=arn)["Parameter"]["Value"] == "xoxb-1"
    with pytest.raises(ssm.exceptions.ParameterNotFound):
        ssm.get_parameter(Name=arn.replace("slack", "other"))
    with pytest.raises(ssm.exceptions.ParameterNotFound):
        aws("ssm", "us-east-1").get_parameter(Name=arn)


def test_history_says_who_and_when(cloud, ssm):
    cloud.parameter("/golden/ami", "ami-1")
    for number in range(2, 5):
        ssm.put_parameter(Name="/golden/ami", Value=f"ami-{number}", Overwrite=True)
    pages = ssm.get_paginator("get_parameter_history").paginate(
        Name="/golden/ami", PaginationConfig={"PageSize": 3})
    pages = [page["Parameters"] for page in pages]
    assert [len(page) for page in pages] == [3, 1]
    history = [each for page in pages for each in page]
    assert [(each["Version"], each["Value"]) for each in history] == [
        (number, f"ami-{number}") for number in range(1, 5)]
    assert history[0]["LastModifiedUser"].endswith(":user/somebody")
    assert history[1]["LastModifiedUser"] == cloud.calls("ssm", "PutParameter")[0]["principal"]
    assert history[0]["LastModifiedDate"] <= history[3]["LastModifiedDate"]
    state, = cloud.state()["parameters"]
    assert (state["version"], state["history"][-1]) == (4, "ami-4")
    assert cloud.violations() == []


def test_faults_by_name(cloud, ssm):
    cloud.parameter("/a", "1")
    cloud.parameter("/b", "2")
    cloud.faults({"service": "ssm", "operation": "GetParameter", "params": {"Name": "/a"},
                  "kind": "status", "code": "AccessDeniedException", "status": 400,
                  "message": "not authorized", "count": None})
    assert ssm.get_parameter(Name="/b")["Parameter"]["Value"] == "2"
    with pytest.raises(ssm.exceptions.ClientError, match="AccessDeniedException"):
        ssm.get_parameter(Name="/a")
