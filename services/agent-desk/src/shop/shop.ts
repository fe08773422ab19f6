import { chooseLocale, createLookup, type Locale } from '@core/i18n'
import { PRODUCTS, type Product } from './products'
import { TEXTS } from './texts'

function find<T extends Element>(selector: string, within: ParentNode = document): T {
  const found = within.querySelector<T>(selector)
  if (!found) throw new Error(selector)
  return found
}

function card(product: Product, locale: Locale): Node {
  const t = createLookup(TEXTS[locale])
  const item = find<HTMLTemplateElement>('#product').content.cloneNode(true) as DocumentFragment
  find<HTMLImageElement>('img', item).src = product.picture
  find('h3', item).textContent = product.name[locale]
  find('.what', item).textContent = product.what[locale]
  find('.price', item).textContent = new Intl.NumberFormat(locale, { style: 'currency', currency: 'CNY' })
    .format(product.priceMinor / 100)
  find('.warranty', item).textContent = t('warranty', { years: product.warrantyYears })
  return item
}

/** The widget follows the language of the page by itself. */
function show(locale: Locale): void {
  const t = createLookup(TEXTS[locale])
  document.documentElement.lang = locale
  for (const element of document.querySelectorAll<HTMLElement>('[data-text]')) {
    element.textContent = t(element.dataset.text ?? '')
  }
  const other = locale === 'en' ? 'zh-CN' : 'en'
  const button = find<HTMLButtonElement>('#language')
  button.textContent = t('other_language')
  button.lang = other
  button.onclick = () => {
    localStorage.setItem('shop.language', other)
    show(other)
  }
  find('#list').replaceChildren(...PRODUCTS.map((product) => card(product, locale)))
}

show(chooseLocale([localStorage.getItem('shop.language'), ...navigator.languages]))
