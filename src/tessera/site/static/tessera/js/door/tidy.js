// On the list of doors: what a device still keeps of events that are over is wiped, unless arrivals wait in it.
import { deleteDB, openDB } from "../../../vendor/idb/index.js";
import { DOOR_DATABASE } from "./vault.js";

const GRACE_MS = 12 * 3_600_000;

for (const { name } of (await indexedDB.databases?.()) ?? []) {
  if (!name?.startsWith(DOOR_DATABASE)) continue;
  const database = await openDB(name);
  const ends_at = database.objectStoreNames.contains("keep") && (await database.get("keep", "ends_at"));
  const waiting = database.objectStoreNames.contains("queue") ? await database.count("queue") : 0;
  database.close();
  if (ends_at && !waiting && Date.parse(ends_at) + GRACE_MS < Date.now()) await deleteDB(name);
}
