import { noAutocorrect } from '../kit/Field';
import { Icon } from '../kit/Icon';
import { query } from './list';

export function Search() {
  return (
    <div class="search" role="search">
      <Icon name="search" />
      <input
        type="search"
        name="search"
        aria-label="Номер, полис, фамилия"
        placeholder="Номер, полис, фамилия"
        value={query.value}
        onInput={(event) => (query.value = event.currentTarget.value)}
        autocomplete="off"
        ref={noAutocorrect}
        autocapitalize="off"
        spellcheck={false}
        enterkeyhint="search"
      />
      {query.value !== '' && (
        <button type="button" class="icon-button" aria-label="Очистить поиск" onClick={() => (query.value = '')}>
          <Icon name="cross" size="small" />
        </button>
      )}
    </div>
  );
}
