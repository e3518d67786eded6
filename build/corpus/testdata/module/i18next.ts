import i18next from 'i18next';

export default async () => {
  const i18n = i18next.createInstance();
  await i18n.init({ lng: 'de', fallbackLng: 'en', showSupportNotice: false, resources: { en: { translation: { only: 'English' } }, de: { translation: { cow_one: '{{count}} Kuh', cow_other: '{{count}} Kühe', greet: 'Hallo {{name}}', nest: '$t(greet, {"name": "du"})!' } } } } as object);
  return [i18n.t('cow', { count: 1 }), i18n.t('cow', { count: 3 }), i18n.t('greet', { name: '<b>' }), i18n.t('nest'), i18n.t('only'), i18n.t('none')].join(' ');
};
