'use strict';
// What `localStorage` holds: rows of a SQLite database, with the tables that Node makes, so that either reads the other's. Has the
// methods of a Map that `webstorage.js` uses.

const { Buffer } = require('buffer');

const kQuota = 10 * 1024 * 1024;
const kSchemaVersion = 1;

const schema = `
  CREATE TABLE IF NOT EXISTS nodejs_webstorage (key BLOB NOT NULL, value BLOB NOT NULL, PRIMARY KEY (key)) STRICT;
  CREATE TABLE IF NOT EXISTS nodejs_webstorage_state (
    max_size INTEGER NOT NULL DEFAULT ${kQuota},
    total_size INTEGER NOT NULL,
    schema_version INTEGER NOT NULL DEFAULT 0,
    single_row_ INTEGER NOT NULL DEFAULT 1 CHECK (single_row_ = 1),
    PRIMARY KEY (single_row_)
  ) STRICT;
  CREATE TRIGGER IF NOT EXISTS nodejs_quota_insert AFTER INSERT ON nodejs_webstorage FOR EACH ROW BEGIN
    UPDATE nodejs_webstorage_state SET total_size = total_size + octet_length(NEW.key) + octet_length(NEW.value);
    SELECT RAISE(ABORT, 'QuotaExceeded') WHERE EXISTS (SELECT 1 FROM nodejs_webstorage_state WHERE total_size > max_size);
  END;
  CREATE TRIGGER IF NOT EXISTS nodejs_quota_update AFTER UPDATE ON nodejs_webstorage FOR EACH ROW BEGIN
    UPDATE nodejs_webstorage_state SET total_size = total_size + octet_length(NEW.value) - octet_length(OLD.value);
    SELECT RAISE(ABORT, 'QuotaExceeded') WHERE EXISTS (SELECT 1 FROM nodejs_webstorage_state WHERE total_size > max_size);
  END;
  CREATE TRIGGER IF NOT EXISTS nodejs_quota_delete AFTER DELETE ON nodejs_webstorage FOR EACH ROW BEGIN
    UPDATE nodejs_webstorage_state SET total_size = total_size - octet_length(OLD.key) - octet_length(OLD.value);
  END;
  INSERT OR IGNORE INTO nodejs_webstorage_state (total_size, schema_version, single_row_) VALUES (0, ${kSchemaVersion}, 1);
`;

const toBlob = (text) => Buffer.from(text, 'utf16le');
const toText = (blob) => Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength).toString('utf16le');

class DatabaseItems {
  #database;
  #path;
  #statements = new Map();

  constructor(path) {
    // Opened when something is asked: a file that nobody uses is not made. What is closed leaves one file.
    this.#path = path;
    process.on('exit', () => this.#close());
  }

  #close() {
    this.#statements.clear();
    this.#database?.close();
    this.#database = undefined;
  }

  #open() {
    const { DatabaseSync } = require('sqlite');
    this.#database = new DatabaseSync(this.#path, { timeout: 3000 });
    this.#database.exec("PRAGMA encoding = 'UTF-16le'; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    this.#database.exec(schema);
  }

  #statement(sql) {
    if (this.#database === undefined) this.#open();
    let found = this.#statements.get(sql);
    if (found === undefined) this.#statements.set(sql, found = this.#database.prepare(sql));
    return found;
  }

  get size() {
    return this.#statement('SELECT count(*) AS count FROM nodejs_webstorage').get().count;
  }

  // By their bytes.
  keys() {
    return this.#statement('SELECT key FROM nodejs_webstorage ORDER BY key').all().map((row) => toText(row.key));
  }

  has(key) {
    return this.get(key) !== undefined;
  }

  get(key) {
    const row = this.#statement('SELECT value FROM nodejs_webstorage WHERE key = ?').get(toBlob(key));
    return row === undefined ? undefined : toText(row.value);
  }

  // The database's triggers know.
  fits(key, value) {
    try {
      this.set(key, value);
      return true;
    } catch (error) {
      if (`${error.message}`.includes('QuotaExceeded')) return false;
      throw error;
    }
  }

  set(key, value) {
    this.#statement('INSERT INTO nodejs_webstorage (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value')
      .run(toBlob(key), toBlob(value));
  }

  delete(key) {
    this.#statement('DELETE FROM nodejs_webstorage WHERE key = ?').run(toBlob(key));
  }

  clear() {
    this.#statement('DELETE FROM nodejs_webstorage').run();
  }
}

module.exports = { DatabaseItems };
