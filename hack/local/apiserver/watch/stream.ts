import type { ServerResponse } from 'node:http';
import type { Clock, Timer } from '#runtime/clock.ts';
import type { Representation } from '../rest/representation.ts';
import type { StatusObject } from '../status.ts';
import type { Store } from '../storage/store.ts';
import type { Stored } from '../storage/stored.ts';
import type { EventType, Selection, Subscriber, WatchHub } from './hub.ts';
import { deliver, isSelected } from './hub.ts';

export interface WatchParameters {
  readonly selection: Selection;
  readonly representation: Representation;
  /** Start after this version; 0: with the objects that are there now. */
  readonly version: number;
  readonly wantsBookmarks: boolean;
  /** Milliseconds until the server ends the watch. */
  readonly lifetime: number;
  readonly bookmarkInterval: number;
}

/** Bytes that may wait for a slow reader before the server hangs up; it can resume later. */
const longestQueue = 16 * 1024 * 1024;

/** One watch: a response that stays open and carries one JSON document per line. */
export class WatchStream implements Subscriber {
  readonly selection: Selection;
  readonly #response: ServerResponse;
  readonly #representation: Representation;
  readonly #store: Store;
  #bookmarkTimer: Timer | undefined;
  #endTimer: Timer | undefined;
  #unsubscribe = (): void => {};
  #isOpen = true;

  constructor(response: ServerResponse, store: Store, parameters: WatchParameters) {
    this.#response = response;
    this.#store = store;
    this.selection = parameters.selection;
    this.#representation = parameters.representation;
  }

  /** Answers, replays what came after the version asked for, and follows from there. */
  start(hub: WatchHub<WatchStream>, clock: Clock, parameters: WatchParameters): void {
    this.#response.writeHead(200, { 'content-type': 'application/json' });
    this.#response.flushHeaders();
    this.#response.once('close', () => this.#release());
    const { version } = parameters;
    if (version > 0 && version < this.#store.compacted) {
      this.fail(tooOld(version, this.#store.compacted));
      return;
    }
    this.#unsubscribe = hub.subscribe(this);
    if (version === 0) this.#sendAll();
    else for (const change of this.#store.changesSince(version)) deliver(this, change);
    if (parameters.wantsBookmarks) this.#scheduleBookmark(clock, parameters.bookmarkInterval);
    this.#endTimer = clock.setTimeout(() => {
      if (parameters.wantsBookmarks) this.#sendBookmark();
      this.end();
    }, parameters.lifetime);
  }

  send(type: EventType, stored: Stored): void {
    this.#write(`{"type":"${type}","object":${this.#representation.object(stored)}}\n`);
  }

  /** Ends with an ERROR event. */
  fail(status: StatusObject): void {
    this.#write(`{"type":"ERROR","object":${JSON.stringify(status)}}\n`);
    this.end();
  }

  /** Ends as a server does whose watch timed out. */
  end(): void {
    this.#release();
    this.#response.end();
  }

  /** Breaks the connection. */
  drop(): void {
    this.#release();
    this.#response.destroy();
  }

  #sendAll(): void {
    for (const stored of this.#store.list()) {
      if (isSelected(this.selection, stored)) this.send('ADDED', stored);
    }
  }

  #scheduleBookmark(clock: Clock, interval: number): void {
    this.#bookmarkTimer = clock.setTimeout(() => {
      this.#sendBookmark();
      if (this.#isOpen) this.#scheduleBookmark(clock, interval);
    }, interval);
  }

  #sendBookmark(): void {
    const object = this.#representation.bookmark(String(this.#store.version));
    this.#write(`{"type":"BOOKMARK","object":${object}}\n`);
  }

  #write(line: string): void {
    if (!this.#isOpen) return;
    this.#response.write(line);
    if (this.#response.writableLength > longestQueue) this.drop();
  }

  #release(): void {
    this.#isOpen = false;
    this.#unsubscribe();
    this.#bookmarkTimer?.cancel();
    this.#endTimer?.cancel();
  }
}

function tooOld(version: number, oldest: number): StatusObject {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `too old resource version: ${version} (${oldest})`,
    reason: 'Expired',
    code: 410,
  };
}
