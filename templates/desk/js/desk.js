// Every page of the desk: what it gets quicker with. Without scripts everything below works by links and forms.

import { watchKeys } from "./keys.js";
import { watchNews } from "./live.js";
import { sendOnce } from "./once.js";
import { openPanels } from "./panels.js";
import { guardSigning } from "./signing.js";

watchKeys();
watchNews();
guardSigning();
openPanels();
sendOnce();

// Where the menu is one line that scrolls, the page that one is on is in sight.
const menu = document.querySelector(".menu");
const here = menu?.querySelector("[aria-current]");
if (here) menu.scrollLeft = here.offsetLeft - (menu.clientWidth - here.offsetWidth) / 2;
