// Twilio's own Node package, asked over standard input: {"do": ..., ...} -> one JSON answer.
const twilio = require('twilio');
const { getExpectedTwilioSignature } = require('twilio/lib/webhooks/webhooks');

// A form whose names may repeat, as web frameworks hand it over.
function form(pairs) {
  const all = {};
  for (const [name, value] of pairs) {
    all[name] = name in all ? [].concat(all[name], value) : value;
  }
  return all;
}

// Whether each signature is the account's, and what it would be.
function requests({ token, requests }) {
  return requests.map(({ url, params, body, signature }) => {
    if (body !== undefined) {
      const valid = twilio.validateRequestWithBody(token, signature, url, body);
      return { valid, signed: getExpectedTwilioSignature(token, url, {}) };
    }
    const valid = twilio.validateRequest(token, signature, url, form(params));
    return { valid, signed: getExpectedTwilioSignature(token, url, form(params)) };
  });
}

// The documents that the platform answers with.
function build(told) {
  const { VoiceResponse } = twilio.twiml;
  const stream = new VoiceResponse();
  const opened = stream.connect({ action: told.action, method: 'POST' }).stream({ url: told.socket });
  told.parameters.forEach(([name, value]) => opened.parameter({ name, value }));

  const conference = new VoiceResponse();
  conference.dial().conference({
    startConferenceOnEnter: true, endConferenceOnExit: false, muted: false, beep: false,
    participantLabel: told.label, waitUrl: told.music, statusCallback: told.told, statusCallbackEvent: told.events,
  }, told.room);

  const gather = new VoiceResponse();
  const asked = gather.gather({ input: 'dtmf', action: told.action, method: 'POST', numDigits: 1, timeout: 5, finishOnKey: '' });
  asked.say({ language: 'en-US' }, told.text);
  asked.play(told.file);
  asked.pause({ length: 2 });
  gather.redirect({ method: 'POST' }, told.action);

  const play = new VoiceResponse();
  play.play(told.file);
  play.hangup();

  return [stream, conference, gather, play, new VoiceResponse()].map(document => document.toString());
}

let text = '';
process.stdin.setEncoding('utf8');
process.stdin.on('data', piece => { text += piece; });
process.stdin.on('end', () => {
  const question = JSON.parse(text);
  process.stdout.write(JSON.stringify(question.do === 'requests' ? requests(question) : build(question)));
});
