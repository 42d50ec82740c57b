"""Twilio's own Python package, asked over standard input: {"do": ..., ...} -> one JSON answer."""
import json
import sys
import xml.etree.ElementTree as ET

from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import Connect, Dial, Gather, VoiceResponse


class Form(dict):
    """A form whose names may repeat, as web frameworks hand it over."""

    def __init__(self, pairs):
        super().__init__()
        for name, value in pairs:
            self.setdefault(name, []).append(value)

    def getlist(self, name):
        return self[name]


def requests(question):
    """Whether each signature is the account's, and what it would be."""
    validator = RequestValidator(question["token"])
    answers = []
    for request in question["requests"]:
        url = request["url"]
        if "body" in request:
            params, signed = request["body"], validator.compute_signature(url, {})
        else:
            params = Form(request["params"])
            signed = validator.compute_signature(url, params)
        valid = validator.validate(url, params, request["signature"])
        answers.append({"valid": valid, "signed": signed})
    return answers


def build(told):
    """The documents that the platform answers with."""
    stream = VoiceResponse()
    connect = Connect(action=told["action"], method="POST")
    opened = connect.stream(url=told["socket"])
    for name, value in told["parameters"]:
        opened.parameter(name=name, value=value)
    stream.append(connect)

    conference = VoiceResponse()
    dial = Dial()
    dial.conference(
        told["room"], start_conference_on_enter=True, end_conference_on_exit=False, muted=False, beep=False,
        participant_label=told["label"], wait_url=told["music"], status_callback=told["told"], status_callback_event=" ".join(told["events"]),
    )
    conference.append(dial)

    gather = VoiceResponse()
    asked = Gather(input="dtmf", action=told["action"], method="POST", num_digits=1, timeout=5, finish_on_key="")
    asked.say(told["text"], language="en-US")
    asked.play(told["file"])
    asked.pause(length=2)
    gather.append(asked)
    gather.redirect(told["action"], method="POST")

    play = VoiceResponse()
    play.play(told["file"])
    play.hangup()

    return [str(document) for document in (stream, conference, gather, play, VoiceResponse())]


def tree(element):
    """A document without what XML leaves to its writer."""
    text = element.text or ""
    return [element.tag, element.attrib, text, [tree(child) for child in element]]


question = json.load(sys.stdin)
if question["do"] == "requests":
    answer = requests(question)
elif question["do"] == "build":
    answer = build(question)
else:
    answer = [tree(ET.fromstring(document)) for document in question["documents"]]
json.dump(answer, sys.stdout)
