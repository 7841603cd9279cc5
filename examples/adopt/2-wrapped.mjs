// Step 2: the functions as they are, each in a process of its own, and only if it has to run.
import gulp from 'gulp';
import concat from 'gulp-concat';
import { parproc, task } from 'parproc';
import { css, js, svg } from './tools.mjs';

gulp.registry(parproc());

const styles = () => {
  const [sass, post] = css();
  return gulp
    .src('src/scss/*.scss', { sourcemaps: true })
    .pipe(sass)
    .pipe(post)
    .pipe(gulp.dest('dist/css', { sourcemaps: '.' }));
};

const scripts = () =>
  gulp.src('src/js/*.js').pipe(js()).pipe(concat('site.js')).pipe(gulp.dest('dist/js'));

const icons = () => gulp.src('src/icons/*.svg').pipe(svg()).pipe(gulp.dest('dist/icons'));

const images = () => gulp.src('src/img/*', { encoding: false }).pipe(gulp.dest('dist/img'));

const pages = () => gulp.src('src/*.html').pipe(gulp.dest('dist'));

task('styles').inputs('src/scss/**/*.scss').outputs('dist/css').wrap(styles);
task('scripts').inputs('src/js/*.js').outputs('dist/js').wrap(scripts);
task('icons').inputs('src/icons/*.svg').outputs('dist/icons').wrap(icons);
task('images').inputs('src/img/*').outputs('dist/img').wrap(images);
task('pages').inputs('src/*.html').outputs('dist/*.html').wrap(pages);
task('default').deps('styles', 'scripts', 'icons', 'images', 'pages');

export const watch = () => gulp.watch('src', gulp.series('default'));
