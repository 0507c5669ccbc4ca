"""A release comes, and everything that should follow from it does."""

from __future__ import annotations

import pytest

from tests.e2e.settings import AL2023_ARM, HOME, family, image, make_pipelines, token

VERSION = "2023.9.20251027.0"
US = "us-east-1"
VARIABLES = {"BASE_AMI_ID": "{image_id}", "BASE_AMI_NAME": "{image_name}",
             "BASE_AMI_REGION": "{region}", "RELEASE": "{release}", "ARCH": "{architecture}",
             "FAMILY": "{family} of {publisher}", "BUILD": "{build}", "NOTES": "{notes_url}",
             "MESSAGE": "{message_id}"}
WEB = family("web", regions=[HOME, US], pipeline={"region": HOME, "variables": VARIABLES},
             base_parameter="/golden/web/base", golden_parameter="/golden/web/ami",
             golden_output="GOLDEN_AMI_ID")
ARM = family("arm", images=AL2023_ARM, architecture="arm64", regions=[HOME, US],
             base_parameter="/golden/arm/base", slack={"channel": "#golden-amis-test"})
ARM_NAME = "al2023-ami-{v}-kernel-6.1-arm64"


@pytest.fixture
def day(cloud, worker):
    """Two families in two regions after one release."""
    make_pipelines(cloud, WEB, plan={"stages": [{"name": "Build", "actions": [
        {"name": "Packer", "outputs": {"GOLDEN_AMI_ID": "{ami:BASE_AMI_REGION}"}}]}]})
    make_pipelines(cloud, ARM)
    running = worker(WEB, ARM)
    announced = cloud.announce("amazon-linux-2023", release=VERSION)
    cloud.wait_for(slack={"reply": True, "count": 4}, queue={"empty": True}, timeout=60)
    running.wait_log("notice_sent", notice="finished", count=4)
    running.stop()
    return announced


def test_each_family_and_region_is_built_once_with_its_variables(cloud, day):
    started = {(each["pipeline"], each["region"], each["token"]): each["variables"]
               for each in cloud.executions()}
    web = {region: image(VERSION, region) for region in (HOME, US)}
    arm = {region: image(VERSION, region, ARM_NAME) for region in (HOME, US)}
    wanted = {("golden-web", HOME, token(WEB, region, ami)): web_variables(region, ami, day)
              for region, ami in web.items()}
    wanted |= {("golden-arm", region, token(ARM, region, ami)): {"BASE_AMI_ID": ami}
               for region, ami in arm.items()}
    assert started == wanted
    assert len(cloud.executions()) == 4


def web_variables(region, ami, announced):
    notes = f"https://docs.aws.amazon.com/linux/al2023/release-notes/relnotes-{VERSION}.html"
    return {"BASE_AMI_ID": ami, "BASE_AMI_NAME": f"al2023-ami-{VERSION}-kernel-6.1-x86_64",
            "BASE_AMI_REGION": region, "RELEASE": VERSION, "ARCH": "x86_64",
            "FAMILY": "web of amazon-linux-2023", "BUILD": token(WEB, region, ami),
            "NOTES": notes, "MESSAGE": announced["message_id"]}


def test_parameters_name_base_and_golden_images(cloud, day):
    golden = {each["variables"]["BASE_AMI_REGION"]: output(each)
              for each in cloud.executions("golden-web")}
    held = cloud.parameters()
    assert {region: held[f"{region}:/golden/web/ami"] for region in (HOME, US)} == golden
    assert held[f"{HOME}:/golden/web/base"] in (image(VERSION, HOME), image(VERSION, US))
    for region in (HOME, US):
        assert held[f"{region}:/golden/arm/base"] == image(VERSION, region, ARM_NAME)


def output(execution):
    return next(action["outputs"]["GOLDEN_AMI_ID"] for action in execution["actions"]
                if "GOLDEN_AMI_ID" in action["outputs"])


def test_slack_hears_of_each_build_with_its_facts(cloud, day):
    messages = cloud.slack_roots()
    assert len(messages) == 4 and len(cloud.slack_messages()) == 8
    for execution in cloud.executions():
        told = next(str(each) for each in messages if execution["id"] in str(each["blocks"]))
        name, ami = execution["pipeline"], execution["variables"]["BASE_AMI_ID"]
        link = f"codepipeline/pipelines/{name}/executions/{execution['id']}/timeline?region="
        for fact in ("✅", name.removeprefix("golden-"), ami, VERSION,
                     link + execution["region"], "Build time"):
            assert fact in told, f"{fact} is missing in {told}"
    assert sorted(each["channel_name"] for each in messages) == [
        "golden-amis", "golden-amis", "golden-amis-test", "golden-amis-test"]


def test_slack_names_the_golden_image(cloud, day):
    for execution in cloud.executions("golden-web"):
        told = next(each for each in cloud.slack_roots() if execution["id"] in str(each))
        assert output(execution) in told["text"]


def test_the_queue_is_empty_and_the_ledger_knows(cloud, day, ledger):
    assert cloud.queue_depth() == 0 and cloud.dead_letters() == []
    assert ledger.builds() == [
        (name, region, "finished", "Succeeded") for name in ("arm", "web") for region in (HOME, US)]
    assert ledger.rows("SELECT count(*) FROM deliveries") == [(0,)]


def test_a_warning_about_the_configuration_is_a_log_line(cloud, worker):
    make_pipelines(cloud)
    line = worker(http={"listen": "127.0.0.1:9464"}).wait_log("configuration_warning")
    assert (line["level"], line["line"] > 0, "listen" in line["detail"]) == ("warning", True, True)
