import moment from 'moment-timezone';

export default async () => {
  const time = moment.tz('2024-03-10 01:30', 'America/New_York').add(1, 'hour');
  return `${time.format()} ${time.clone().tz('Asia/Kolkata').format('LLLL z')} ${moment.tz.names().length > 400} ${moment.duration(90, 'minutes').humanize()}`;
};
