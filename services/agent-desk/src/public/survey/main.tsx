import { render } from 'preact'
import { chooseLocale } from '@core/i18n'
import { SurveyPage } from './SurveyPage'

function show(): void {
  // Behind `#`, so that no server on the way has the token in its log.
  const token = location.hash.slice(1)
  render(<SurveyPage key={token} token={token} browserLocale={chooseLocale(navigator.languages)} />, document.body)
}

addEventListener('hashchange', show)
show()
