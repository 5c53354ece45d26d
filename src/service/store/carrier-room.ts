/** What a carrier said of the room it has. Where several processes hand it attempts, it holds for all of them. */
export type CarrierRoom = {
  /** How often in a row it had none. */
  readonly timesFull: number;
  /** Until when it is to be left alone. */
  readonly fullUntil?: Date;
  /** The most starts of a caller id within a second; as many as are set when absent. */
  readonly pace?: number;
};

/** Nothing is known of a carrier that has no room. */
export const freeRoom: CarrierRoom = { timesFull: 0 };

/** Where processes that share a store keep it. Instants are by the clock of whoever asks, whose `now` is given. */
export type SharedRoom = {
  read(now: Date): Promise<CarrierRoom>;
  /** Changes what there is then, and returns what came of it. */
  change(next: (room: CarrierRoom) => CarrierRoom, now: Date): Promise<CarrierRoom>;
};
