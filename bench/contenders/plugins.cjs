// What `files.mjs` measures: gulp plugins as gulpfiles make them. Tools are loaded when needed.
exports.terser = () => require('gulp-terser')({ compress: { passes: 2 } });
exports.sass = () => require('gulp-sass')(require('sass'))({ style: 'compressed' });
exports.icons = () => require('gulp-svgmin')();
