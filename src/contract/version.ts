/** Changes when a request or an answer changes its meaning; two copies of different contracts do not talk. */
export const contractVersion = 1;
