import { Subject, lastValueFrom, of, from } from 'rxjs';
import { bufferCount, map, mergeMap, reduce, retry, toArray } from 'rxjs/operators';
import { ajax } from 'rxjs/ajax';

export default async () => {
  const squares = await lastValueFrom(from([1, 2, 3, 4]).pipe(mergeMap((x) => of(x, x * x)), bufferCount(3), map((each) => each.join('-')), toArray()));
  let tries = 0;
  const subject = new Subject<number>();
  const sum = lastValueFrom(subject.pipe(map((x) => {
    if (++tries === 2) throw new Error('once');
    return x;
  }), retry(1), reduce((a, b) => a + b, 0)));
  for (const x of [1, 2, 3]) subject.next(x);
  subject.complete();
  return `${squares.join(' ')} ${await sum} ${typeof ajax}`;
};
