/** On SQLite one process dials at a time, held apart from others by the leader lock: nothing is ever taken over. */
export const fence = 0;
