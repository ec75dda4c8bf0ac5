// A thread that moves pages from SQLite's write-ahead log into the database file whenever it is asked to. In JavaScript,
// so that it is the same file in development and beside the bundle.
import { parentPort, workerData } from "node:worker_threads";
import Database from "better-sqlite3";

const client = new Database(workerData, { fileMustExist: true });

parentPort.on("message", (message) => {
  if (message === "stop") {
    client.close();
    parentPort.close();
    return;
  }
  // Passive: it waits for nobody, and nobody waits for it.
  client.pragma("wal_checkpoint(PASSIVE)");
  parentPort.postMessage("done");
});
