'use strict';
// Messages of a channel as bytes, by the `serialization` option: 'json' is a line each, 'advanced' a length (4 bytes, big
// endian) and a value as v8.serialize writes it. A codec has `read(bytes)`: the messages that are whole now; `isInMessage()`:
// whether a part of one came; `write(request, message, handle)`: 0 sent, 1 queued (request.oncomplete is called), or errno.

const { isArrayBufferView } = require('internal/util/types');

function createJsonCodec(channel) {
  const { StringDecoder } = require('string_decoder');
  const decoder = new StringDecoder('utf8');
  let rest = '';
  return {
    *read(bytes) {
      const lines = decoder.write(bytes).split('\n');
      if (lines.length === 1) {
        rest += lines[0];
        return;
      }
      lines[0] = rest + lines[0];
      rest = lines.pop();
      for (const line of lines) yield JSON.parse(line);
    },
    isInMessage: () => rest.length !== 0,
    write: (request, message, handle) => channel.writeUtf8String(request, `${JSON.stringify(message)}\n`, handle),
  };
}

// Before a host object: whether it is a view or something that is sent as its own properties.
const kArrayBufferView = 0;
const kOther = 1;

let classes;
function serdes() {
  if (classes !== undefined) return classes;
  const { DefaultDeserializer, DefaultSerializer } = require('v8');
  classes = {
    Serializer: class extends DefaultSerializer {
      _writeHostObject(object) {
        if (isArrayBufferView(object)) {
          this.writeUint32(kArrayBufferView);
          return super._writeHostObject(object);
        }
        this.writeUint32(kOther);
        this.writeValue({ ...object });
      }
    },
    Deserializer: class extends DefaultDeserializer {
      _readHostObject() {
        return this.readUint32() === kArrayBufferView ? super._readHostObject() : this.readValue();
      }
    },
  };
  return classes;
}

function createAdvancedCodec(channel) {
  let chunks = [];
  let size = 0;

  function whole() {
    if (chunks.length > 1) chunks = [Buffer.concat(chunks, size)];
    return chunks[0];
  }

  return {
    *read(bytes) {
      chunks.push(bytes);
      size += bytes.length;
      while (size >= 4) {
        if (chunks[0].length < 4) whole();
        const end = 4 + chunks[0].readUInt32BE(0);
        if (size < end) return;
        const all = whole();
        const { Deserializer } = serdes();
        const deserializer = new Deserializer(all.subarray(4, end));
        chunks = size === end ? [] : [all.subarray(end)];
        size -= end;
        deserializer.readHeader();
        yield deserializer.readValue();
      }
    },
    isInMessage: () => size > 0,
    write(request, message, handle) {
      const { Serializer } = serdes();
      const serializer = new Serializer();
      serializer.writeHeader();
      serializer.writeValue(message);
      const value = serializer.releaseBuffer();
      const bytes = Buffer.allocUnsafe(4 + value.length);
      bytes.writeUInt32BE(value.length, 0);
      bytes.set(value, 4);
      return channel.writeBuffer(request, bytes, handle);
    },
  };
}

function createCodec(mode, channel) {
  return mode === 'advanced' ? createAdvancedCodec(channel) : createJsonCodec(channel);
}

module.exports = { createCodec };
