import dayjs from 'dayjs';
import 'dayjs/locale/de.js';
import relativeTime from 'dayjs/plugin/relativeTime.js';
import utc from 'dayjs/plugin/utc.js';

dayjs.extend(utc);
dayjs.extend(relativeTime);

export default async () => {
  const day = dayjs.utc('2024-02-28T12:00:00Z').add(2, 'day');
  return `${day.locale('de').format('dddd, D. MMMM YYYY HH:mm')} ${day.from(dayjs.utc('2024-01-01'))} ${day.isValid()}`;
};
