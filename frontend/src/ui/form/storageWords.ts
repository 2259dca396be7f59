/** F22, F24: what happened to the phone's memory, that nothing typed is lost, and what to do. */
export const STORAGE = {
  storage_full:
    'На телефоне кончилось место, сохранить не удалось. Освободите память, например удалите видео, и нажмите ещё раз. Всё введённое на месте.',
  storage_failed:
    'Память телефона не ответила, сохранить не удалось. Нажмите ещё раз. Всё введённое на месте, не закрывайте приложение.',
} as const;
