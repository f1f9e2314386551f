new Promise((done) => {
  const asked = indexedDB.open("xiaohao-field", 1);
  asked.onsuccess = () => {
    const move = asked.result.transaction("entries", "readwrite");
    const entries = move.objectStore("entries");
    entries.getAll().onsuccess = (found) =>
      found.target.result.forEach((one) => entries.put({ ...one, tries: 19 }));
    move.oncomplete = () => { asked.result.close(); done(); };
  };
})
