// The calendar gets quicker: its lines are walked by keys, full hours unfold in their place, posts move by mouse and keys.

import { watchFolds } from "./calendar-folds.js";
import { watchMoves } from "./calendar-moves.js";
import { watchWalk } from "./calendar-walk.js";

const calendar = document.getElementById("calendar");
watchFolds(calendar);
watchWalk(calendar);
if (document.getElementById("move-token")) watchMoves(calendar);
