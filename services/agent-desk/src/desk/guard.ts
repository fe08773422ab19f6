import { installImeGuard } from '@core/ime'

// Imported first of all, so that this listener is older than every other one on the page, libraries included.
installImeGuard(window)
