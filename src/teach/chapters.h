// The chapters of the lesson, in its order; each stands in the file of its name, small ones with their neighbour.
#pragma once

#include "teach/lesson.h"

namespace refloop::teach {

void plane_chapter(Lesson& lesson);
void settings_chapter(Lesson& lesson);
void pools_chapter(Lesson& lesson);
void channels_chapter(Lesson& lesson);
void groups_chapter(Lesson& lesson);
void sizes_chapter(Lesson& lesson);
void conv1d_chapter(Lesson& lesson);
void batch_norm_chapter(Lesson& lesson);
void dimensions_chapter(Lesson& lesson);

}  // namespace refloop::teach
