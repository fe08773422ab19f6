import { createRouter, createWebHashHistory } from 'vue-router'
import { withTexts } from './i18n'
import DeskPage from './shell/DeskPage.vue'

const complaints = withTexts('feedback', () => import('./complaints/ComplaintsPage.vue'))

// The address is kept behind the hash, so that any plain file server can serve the page.
// Each place that comes is a folder of its own, and its pages are loaded when they are first opened.
export const router = createRouter({
  history: createWebHashHistory(),
  routes: [
    { path: '/', redirect: '/inbox' },
    { path: '/inbox', name: 'inbox', component: DeskPage },
    { path: '/c/:id', name: 'conversation', component: DeskPage },
    { path: '/c/:id/customer', name: 'customer', component: DeskPage },
    { path: '/complaints', name: 'complaints', component: complaints },
    { path: '/complaints/:id', name: 'complaint', component: complaints },
    { path: '/surveys', name: 'surveys', component: withTexts('feedback', () => import('./surveys/SurveysPage.vue')) },
    { path: '/supervision', name: 'supervision', component: () => import('./supervision/SupervisionPage.vue') },
    { path: '/quarantine', name: 'quarantine', component: () => import('./supervision/QuarantinePage.vue') },
    { path: '/board', name: 'board', component: withTexts('board', () => import('./board/BoardPage.vue')) },
    { path: '/care/:part?/:key?', name: 'care', component: withTexts('board', withTexts('care', () => import('./care/CarePage.vue'))) },
    { path: '/people', name: 'people', component: withTexts('people', () => import('./people/PeoplePage.vue')) },
    { path: '/:rest(.*)*', redirect: '/inbox' },
  ],
})
