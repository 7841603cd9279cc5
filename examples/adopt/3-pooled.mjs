// Step 3: the files of a task on all cores.
import gulp from 'gulp';
import concat from 'gulp-concat';
import { parproc, task } from 'parproc';
import { pooledPlugin } from 'parproc/plugins';

gulp.registry(parproc());

const module = new URL('tools.mjs', import.meta.url);
const pooled = (name) => pooledPlugin({ module, export: name });

const styles = () =>
  gulp
    .src('src/scss/*.scss', { sourcemaps: true })
    .pipe(pooled('css'))
    .pipe(gulp.dest('dist/css', { sourcemaps: '.' }));

const scripts = () =>
  gulp.src('src/js/*.js').pipe(pooled('js')).pipe(concat('site.js')).pipe(gulp.dest('dist/js'));

const icons = () => gulp.src('src/icons/*.svg').pipe(pooled('svg')).pipe(gulp.dest('dist/icons'));

const images = () => gulp.src('src/img/*', { encoding: false }).pipe(gulp.dest('dist/img'));

const pages = () => gulp.src('src/*.html').pipe(gulp.dest('dist'));

task('styles').inputs('src/scss/**/*.scss').outputs('dist/css').wrap(styles);
task('scripts').inputs('src/js/*.js').outputs('dist/js').wrap(scripts);
task('icons').inputs('src/icons/*.svg').outputs('dist/icons').wrap(icons);
task('images').inputs('src/img/*').outputs('dist/img').wrap(images);
task('pages').inputs('src/*.html').outputs('dist/*.html').wrap(pages);
task('default').deps('styles', 'scripts', 'icons', 'images', 'pages');

export const watch = () => gulp.watch('src', gulp.series('default'));
