'use strict';
// Owns: emitKeypressEvents(): makes a stream of bytes emit 'keypress' while
// somebody listens.

const { charLengthAt, CSI: { kEscape } } = require('internal/readline/utils');
const { emitKeys } = require('internal/readline/keys');

const kDecoder = Symbol('keypress-decoder');
const kParser = Symbol('escape-decoder');
const kSawKeyPress = Symbol('_sawKeyPress');

// A lone ESC is the key itself if nothing follows for so long, in ms.
const ESCAPE_CODE_TIMEOUT = 500;

function startParser(stream) {
  stream[kParser] = emitKeys(stream);
  stream[kParser].next();
}

// `iface` is the readline interface, if there is one: it is told whether the
// input looks typed or pasted.
function emitKeypressEvents(stream, iface = {}) {
  if (stream[kDecoder]) return;

  const { StringDecoder } = require('string_decoder');
  const { setTimeout, clearTimeout } = require('timers');
  stream[kDecoder] = new StringDecoder('utf8');
  startParser(stream);

  const { escapeCodeTimeout = ESCAPE_CODE_TIMEOUT } = iface;
  let timer;
  const giveUpOnEscape = () => stream[kParser].next('');

  function onData(input) {
    if (stream.listenerCount('keypress') === 0) {
      // Nobody listens: stop until somebody does.
      stream.removeListener('data', onData);
      stream.on('newListener', onNewListener);
      return;
    }
    const string = stream[kDecoder].write(input);
    if (!string) return;
    clearTimeout(timer);

    // More than one character at once was pasted: a tab in it is a tab, except
    // as the last one.
    iface[kSawKeyPress] = charLengthAt(string, 0) === string.length;
    iface.isCompletionEnabled = false;

    let length = 0;
    for (const character of string) {
      length += character.length;
      const last = length === string.length;
      if (last) iface.isCompletionEnabled = true;
      try {
        stream[kParser].next(character);
        if (last && character === kEscape) timer = setTimeout(giveUpOnEscape, escapeCodeTimeout);
      } catch (err) {
        // A listener threw, which ended the generator.
        startParser(stream);
        throw err;
      }
    }
  }

  function onNewListener(event) {
    if (event !== 'keypress') return;
    stream.on('data', onData);
    stream.removeListener('newListener', onNewListener);
  }

  if (stream.listenerCount('keypress') > 0) stream.on('data', onData);
  else stream.on('newListener', onNewListener);
}

module.exports = emitKeypressEvents;
module.exports.kSawKeyPress = kSawKeyPress;
