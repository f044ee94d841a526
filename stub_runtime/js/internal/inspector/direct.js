'use strict';
// A session for the runtime's own use, whose answers are there when it asks.

const binding = internalBinding('inspector');

class DirectSession {
  #answer;
  #id = 0;
  #connection = binding.connect((text) => {
    this.#answer = text;
  });

  // The text of the result. V8 answers at once what these ask.
  postForText(method, params) {
    this.#answer = undefined;
    binding.dispatch(this.#connection, JSON.stringify({ id: ++this.#id, method, params }));
    return this.#answer;
  }

  post(method, params) {
    const { error, result } = JSON.parse(this.postForText(method, params));
    if (error !== undefined) throw new Error(error.message);
    return result;
  }

  close() {
    binding.disconnect(this.#connection);
  }
}

module.exports = { DirectSession };
