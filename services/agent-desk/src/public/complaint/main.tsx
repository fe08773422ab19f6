import { render } from 'preact'
import { chooseLocale } from '@core/i18n'
import { ComplaintPage } from './ComplaintPage'

const wanted = new URLSearchParams(location.search).get('lang')
render(<ComplaintPage browserLocale={chooseLocale([wanted, ...navigator.languages])} />, document.body)
