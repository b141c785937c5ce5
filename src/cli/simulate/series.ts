/** What was seen within some time: plots show the mean, and what lies between least and most. */
export interface Bucket {
  readonly atMs: number;
  least: number;
  most: number;
  sum: number;
  count: number;
}

const BUCKETS_MAX = 400;

/** A value over time, however long that is: the longer, the wider the buckets. */
export class Series {
  buckets: Bucket[] = [];

  /** @param bucketMs how wide a bucket is at first. */
  constructor(public bucketMs: number) {}

  add(atMs: number, value: number): void {
    this.#put({ atMs, least: value, most: value, sum: value, count: 1 });
    if (this.buckets.length > BUCKETS_MAX) this.#widen();
  }

  #put({ atMs, least, most, sum, count }: Bucket): void {
    const beginMs = Math.floor(atMs / this.bucketMs) * this.bucketMs;
    const last = this.buckets.at(-1);
    if (last?.atMs !== beginMs) {
      this.buckets.push({ atMs: beginMs, least, most, sum, count });
      return;
    }
    last.least = Math.min(last.least, least);
    last.most = Math.max(last.most, most);
    last.sum += sum;
    last.count += count;
  }

  #widen(): void {
    this.bucketMs *= 2;
    for (const bucket of this.buckets.splice(0)) this.#put(bucket);
  }
}
