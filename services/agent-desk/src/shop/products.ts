import type { Locale } from '@core/i18n'
import cooker from './cooker.svg'
import kettle from './kettle.svg'
import lamp from './lamp.svg'

export interface Product {
  picture: string
  priceMinor: number
  warrantyYears: number
  name: Record<Locale, string>
  what: Record<Locale, string>
}

export const PRODUCTS: readonly Product[] = [
  {
    picture: kettle,
    priceMinor: 32900,
    warrantyYears: 2,
    name: { 'zh-CN': '云雾 恒温水壶', en: 'Yunwu kettle' },
    what: { 'zh-CN': '一度一调，泡茶冲奶都刚好。', en: 'Set to the degree: right for tea, right for milk.' },
  },
  {
    picture: cooker,
    priceMinor: 89900,
    warrantyYears: 3,
    name: { 'zh-CN': '炊烟 电饭煲', en: 'Chuiyan rice cooker' },
    what: { 'zh-CN': '铁釜柴火程序，两三人份正好。', en: 'A cast-iron pot and a slow fire, for two or three.' },
  },
  {
    picture: lamp,
    priceMinor: 45900,
    warrantyYears: 2,
    name: { 'zh-CN': '晚灯 阅读灯', en: 'Wandeng reading lamp' },
    what: { 'zh-CN': '不频闪的暖光，随夜色变柔。', en: 'Warm light without flicker that softens with the night.' },
  },
]
