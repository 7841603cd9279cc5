// Step 1: the registry. Everything works as before.
import gulp from 'gulp';
import concat from 'gulp-concat';
import { parproc } from 'parproc';
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

const build = gulp.parallel(styles, scripts, icons, images, pages);
export const watch = () => gulp.watch('src', build);
export default build;
