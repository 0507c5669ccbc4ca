"""What the worker of the hostile cases listens to, and what it would start if it believed them."""
from .notary import ACCOUNT, TOPIC

# Region -> its partition, for topics outside the first region whose messages are believed.
ELSEWHERE = {"af-south-1": "aws", "us-gov-east-1": "aws-us-gov", "cn-north-1": "aws-cn",
             "eusc-de-east-1": "aws-eusc", "ap-northeast-3": "aws"}
SILENT = ("ca-central-1", "sa-east-1", "us-west-2", "us-west-1", "ap-south-1", "eu-west-1",
          "eu-central-1", "eu-west-2", "eu-north-1", "eu-west-3", "ap-northeast-1")


def topic_in(region, partition="aws"):
    return f"arn:{partition}:sns:{region}:{ACCOUNT}:ami-updates"


def publisher(name, topic):
    return {"name": name, "topic": topic, "shape": "v1", "owners": [ACCOUNT]}


def family(name, publisher):
    return {"name": name, "publisher": publisher, "images": "corp-linux-*",
            "regions": ["us-east-1"],
            "pipeline": {"name": "golden", "variables": {"BASE_AMI_ID": "{image_id}"}}}


def configuration(signature=None):
    """signature: what is allowed on the first topic."""
    publishers = [publisher("corp", TOPIC), *(
        publisher(f"corp-{region}", topic_in(region, partition))
        for region, partition in ELSEWHERE.items())]
    entry = [{"arn": TOPIC, "signature": signature}] if signature else []
    return {
        "publishers": publishers,
        "trust": {"topics": [f"arn:aws:sns:us-east-1:{ACCOUNT}:other-updates",
                             *map(topic_in, SILENT), *entry]},
        "families": [family(each["name"].replace("corp", "web"), each["name"])
                     for each in publishers],
    }
