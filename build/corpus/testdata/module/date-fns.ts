import { addMonths, differenceInCalendarDays, format, formatDistance, parseISO } from 'date-fns';
import { fr } from 'date-fns/locale';

export default async () => {
  const date = addMonths(parseISO('2024-01-31T00:00:00'), 1);
  return `${format(date, 'EEEE d MMMM yyyy', { locale: fr })} ${differenceInCalendarDays(date, parseISO('2023-12-25'))} ${formatDistance(date, parseISO('2024-03-05'))}`;
};
