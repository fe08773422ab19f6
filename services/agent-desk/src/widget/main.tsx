import { readConfig } from './config'
import { mount } from './mount'

const script = document.currentScript
if (script instanceof HTMLScriptElement) {
  const config = readConfig(script)
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', () => { mount(config) })
  else mount(config)
}
