// google-spreadsheet 5 for Node.js against the sandbox: node google_spreadsheet.mjs ADDRESS FOLDER_WITH_NODE_MODULES
// Prints a line for each step that fails and how many of how many hold; the exit status is 1 where one fails.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';

const [address, folder] = process.argv.slice(2);
const google = /^https:\/\/(sheets\.googleapis\.com|www\.googleapis\.com|docs\.google\.com)/;
const send = globalThis.fetch;
globalThis.fetch = async (request, options) => {
  const asked = new Request(request, options);
  const body = ['GET', 'HEAD'].includes(asked.method) ? undefined : await asked.text();
  return send(asked.url.replace(google, address), { method: asked.method, headers: asked.headers, body });
};
const { GoogleSpreadsheet } = createRequire(path.join(folder, 'package.json'))('google-spreadsheet');

const auth = { token: 'none' };
const once = { retryConfig: 0 };
let held = 0;
let tried = 0;
async function step(name, act) {
  tried += 1;
  try {
    await act();
    held += 1;
  } catch (error) {
    console.log(`FAILED ${name}: ${error.message}`);
  }
}

const made = await GoogleSpreadsheet.createNewSpreadsheetDocument(auth, { title: 'Board' });
const book = new GoogleSpreadsheet(made.spreadsheetId, auth, once);
await book.loadInfo();
let sheet = book.sheetsByIndex[0];
const area = (top, bottom, left, right) => (
  { startRowIndex: top, endRowIndex: bottom, startColumnIndex: left, endColumnIndex: right });
const shown = async (range) => (await sheet.getCellsInRange(range)) ?? [];
const tab = async (rows, options = {}) => {
  sheet = await book.addSheet({ title: `Tab ${tried}`, gridProperties: { rowCount: 12, columnCount: 6 }, ...options });
  await sheet.loadCells();
  rows.forEach((row, down) => row.forEach((value, along) => { sheet.getCell(down, along).value = value; }));
  await sheet.saveUpdatedCells();
};

await step('properties of the spreadsheet', async () => {
  assert.equal(book.title, 'Board');
  await book.updateProperties({ title: 'Board 2', timeZone: 'Europe/Berlin' });
  assert.deepEqual([book.title, book.timeZone, book.locale], ['Board 2', 'Europe/Berlin', 'en_US']);
});
await step('rows by header', async () => {
  sheet = await book.addSheet({ title: 'Reps', headerValues: ['name', 'won'] });
  await sheet.addRows([{ name: 'Ann', won: 3 }, ['Bob', '=1+1']]);
  await sheet.addRow({ name: 'Cy', won: '5' }, { raw: true, insert: true });
  const rows = await sheet.getRows();
  assert.deepEqual(rows.map((row) => row.toObject()), [
    { name: 'Ann', won: '3' }, { name: 'Bob', won: '2' }, { name: 'Cy', won: '5' }]);
  rows[0].set('won', 4);
  await rows[0].save();
  await rows[1].delete();
  assert.deepEqual((await sheet.getRows({ offset: 1 })).map((row) => row.get('name')), ['Cy']);
  assert.deepEqual(await shown('A1:B3'), [['name', 'won'], ['Ann', '4'], ['Cy', '5']]);
  await sheet.setHeaderRow(['who', 'won']);
  await sheet.loadHeaderRow();
  assert.deepEqual(sheet.headerValues.slice(0, 2), ['who', 'won']);
  await sheet.clearRows();
  assert.deepEqual(await shown('A1:B3'), [['who', 'won']]);
  await sheet.clear();
  assert.deepEqual(await shown('A1:B3'), []);
});
await step('cells with formats, formulas and notes', async () => {
  await tab([[1, 'x'], [2, true], ['=A1+A2', null]]);
  const cell = sheet.getCellByA1('A3');
  assert.deepEqual([cell.value, cell.formula, cell.valueType], [3, '=A1+A2', 'numberValue']);
  cell.note = 'a sum';
  cell.textFormat = { bold: true };
  cell.numberFormat = { type: 'PERCENT', pattern: '0%' };
  cell.backgroundColor = { red: 1 };
  cell.borders = { top: { style: 'SOLID' } };
  sheet.getCellByA1('B3').value = '=1/0';
  await sheet.saveUpdatedCells();
  assert.deepEqual([cell.formattedValue, cell.note, cell.effectiveFormat.textFormat.bold], ['300%', 'a sum', true]);
  assert.equal(sheet.getCellByA1('B3').errorValue.type, 'DIVIDE_BY_ZERO');
  cell.clearAllFormatting();
  await cell.save();
  assert.equal(cell.userEnteredFormat, undefined);
  assert.equal(sheet.cellStats.total, 72);
});
await step('cells by filters', async () => {
  await tab([['a', 'b'], ['c', 'd']]);
  await sheet.createDeveloperMetadata({
    metadataKey: 'row', metadataValue: 'two', visibility: 'DOCUMENT',
    location: { dimensionRange: { sheetId: sheet.sheetId, dimension: 'ROWS', startIndex: 1, endIndex: 2 } },
  });
  sheet.resetLocalCache(true);
  await sheet.loadCells(['A1:A1', { startRowIndex: 0, endRowIndex: 1, startColumnIndex: 1, endColumnIndex: 2 }]);
  assert.equal(sheet.getCell(0, 1).value, 'b');
  assert.throws(() => sheet.getCell(1, 0), /not been loaded/);
  await sheet.loadCells({ developerMetadataLookup: { metadataKey: 'row' } });
  assert.equal(sheet.getCell(1, 1).value, 'd');
});
await step('developer metadata', async () => {
  const lookup = { developerMetadataLookup: { metadataKey: 'row' } };
  const [found] = await book.searchDeveloperMetadata([lookup]);
  assert.equal(found.metadataValue, 'two');
  await sheet.updateDeveloperMetadata([lookup], { metadataValue: 'second' }, 'metadataValue');
  assert.equal((await book.searchDeveloperMetadata([lookup]))[0].metadataValue, 'second');
  await sheet.deleteDeveloperMetadata(lookup);
  assert.deepEqual(await book.searchDeveloperMetadata([lookup]), []);
});
await step('properties of a sheet', async () => {
  await tab([['a']]);
  await sheet.updateProperties({ title: 'A1', tabColor: { red: 1 } });
  await sheet.updateGridProperties({ rowCount: 30, columnCount: 8, frozenRowCount: 1 });
  await sheet.resize({ rowCount: 20, columnCount: 7 });
  assert.deepEqual([sheet.title, sheet.rowCount, sheet.columnCount], ['A1', 20, 7]);
  assert.deepEqual(await shown('A1'), [['a']]);
  await sheet.updateDimensionProperties('COLUMNS', { pixelSize: 150 }, { startIndex: 0, endIndex: 2 });
  await sheet.autoResizeDimensions('ROWS', { startIndex: 0, endIndex: 1 });
  await sheet.appendDimension('ROWS', 5);
  await sheet.insertDimension('ROWS', { startIndex: 0, endIndex: 2 });
  await sheet.moveDimension('ROWS', { startIndex: 2, endIndex: 3 }, 0);
  await sheet.deleteRows(1, 2);
  await sheet.deleteColumns(6, 7);
  assert.deepEqual([await shown('A1:A3'), sheet.rowCount, sheet.columnCount], [[['a']], 26, 6]);
});
await step('ranges', async () => {
  await tab([[1, 2], [3, 4]]);
  await sheet.repeatCell(area(0, 1, 0, 2), { userEnteredFormat: { textFormat: { italic: true } } }, 'userEnteredFormat');
  await sheet.copyPaste(area(0, 2, 0, 2), area(0, 2, 3, 5));
  await sheet.cutPaste(area(0, 2, 3, 5), { rowIndex: 4, columnIndex: 0 });
  assert.deepEqual(await shown('A5:B6'), [['1', '2'], ['3', '4']]);
  await sheet.insertRange(area(0, 1, 0, 1), 'ROWS');
  await sheet.deleteRange(area(0, 1, 0, 1), 'ROWS');
  await sheet.sortRange(area(0, 2, 0, 2), [{ dimensionIndex: 0, sortOrder: 'DESCENDING' }]);
  assert.deepEqual(await shown('A1:B2'), [['3', '4'], ['1', '2']]);
  await sheet.mergeCells(area(8, 10, 0, 2));
  await sheet.unmergeCells(area(8, 10, 0, 2));
  await sheet.updateBorders(area(0, 2, 0, 2), { top: { style: 'SOLID' }, innerVertical: { style: 'DASHED' } });
  await sheet.appendCells([{ values: [{ userEnteredValue: { stringValue: 'end' } }] }], 'userEnteredValue');
  assert.deepEqual(await shown('A7'), [['end']]);
  assert.deepEqual(await sheet.batchGetCellsInRange(['A1:A2', 'B2']), [[['3'], ['1']], [['2']]]);
});
await step('fill, paste, split, trim, find and replace, duplicates', async () => {
  await tab([[1, 'Week 1'], [3, 'Week 2']]);
  await sheet.autoFill({ source: area(0, 2, 0, 2), dimension: 'ROWS', fillLength: 2 });
  assert.deepEqual(await shown('A1:B4'), [['1', 'Week 1'], ['3', 'Week 2'], ['5', 'Week 3'], ['7', 'Week 4']]);
  await sheet.pasteData({ rowIndex: 4, columnIndex: 0 }, 'p;q\n 50% ;r  s', ';');
  await sheet.trimWhitespace(area(4, 6, 0, 2));
  assert.deepEqual(await shown('A5:B6'), [['p', 'q'], ['50%', 'r s']]);
  await sheet.pasteData({ rowIndex: 6, columnIndex: 0 }, 'u,v,w', '|');
  await sheet.textToColumns(area(6, 7, 0, 1), 'COMMA');
  assert.deepEqual(await shown('A7:C7'), [['u', 'v', 'w']]);
  await sheet.findReplace('week (\\d)', 'W$1', { searchByRegex: true });
  assert.deepEqual(await shown('B1:B4'), [['W1'], ['W2'], ['W3'], ['W4']]);
  await sheet.copyPaste(area(0, 1, 0, 2), area(1, 2, 0, 2));
  await sheet.deleteDuplicates(area(0, 4, 0, 2));
  assert.deepEqual(await shown('B1:B4'), [['W1'], ['W3'], ['W4']]);
  await sheet.randomizeRange(area(0, 3, 0, 2));
  assert.deepEqual((await shown('B1:B3')).flat().sort(), ['W1', 'W3', 'W4']);
});
await step('named and protected ranges', async () => {
  await tab([['n']]);
  const { namedRange } = await sheet.addNamedRange('total', area(0, 1, 0, 1));
  await sheet.updateNamedRange(namedRange.namedRangeId, { name: 'sum' }, 'name');
  assert.deepEqual(await shown('sum'), [['n']]);
  const { protectedRange } = await sheet.addProtectedRange({ namedRangeId: namedRange.namedRangeId, warningOnly: true });
  await sheet.updateProtectedRange(protectedRange.protectedRangeId, { description: 'ours' });
  await book.loadInfo();
  assert.equal(sheet.protectedRanges[0].description, 'ours');
  await sheet.deleteProtectedRange(protectedRange.protectedRangeId);
  await sheet.deleteNamedRange(namedRange.namedRangeId);
  await assert.rejects(shown('sum'), /Unable to parse range/);
});
await step('filters, banding, conditions, validation', async () => {
  await tab([['h'], [1], [2]]);
  const range = { sheetId: sheet.sheetId, ...area(0, 3, 0, 1) };
  await sheet.setBasicFilter({ range: area(0, 3, 0, 1) });
  await sheet.clearBasicFilter();
  const { filter } = await sheet.addFilterView({ title: 'mine', range });
  await sheet.updateFilterView({ filterViewId: filter.filterViewId, title: 'ours' }, 'title');
  await sheet.duplicateFilterView(filter.filterViewId);
  await sheet.deleteFilterView(filter.filterViewId);
  const { bandedRange } = await sheet.addBanding({
    range, rowProperties: { firstBandColor: { red: 1 }, secondBandColor: { blue: 1 } } });
  await sheet.updateBanding(
    { bandedRangeId: bandedRange.bandedRangeId, rowProperties: { firstBandColor: { green: 1 } } },
    'rowProperties.firstBandColor');
  await sheet.deleteBanding(bandedRange.bandedRangeId);
  const rule = (bound) => ({
    ranges: [range],
    booleanRule: {
      condition: { type: 'NUMBER_GREATER', values: [{ userEnteredValue: bound }] },
      format: { textFormat: { bold: true } },
    },
  });
  await sheet.addConditionalFormatRule(rule('1'), 0);
  await sheet.updateConditionalFormatRule({ index: 0, rule: rule('0') });
  await sheet.deleteConditionalFormatRule(0);
  await sheet.setDataValidation(area(1, 3, 0, 1), {
    condition: { type: 'ONE_OF_LIST', values: [{ userEnteredValue: '1' }, { userEnteredValue: '2' }] },
    showCustomUi: true, strict: true });
  await sheet.loadCells();
  assert.equal(sheet.getCell(1, 0).effectiveFormat.textFormat.bold, false);
});
await step('copies', async () => {
  await tab([['here']]);
  const copy = await sheet.duplicate({ title: 'again', index: 0 });
  assert.deepEqual([copy.index, await copy.getCellsInRange('A1')], [0, [['here']]]);
  const other = await GoogleSpreadsheet.createNewSpreadsheetDocument(auth, { title: 'Other' });
  await sheet.copyToSpreadsheet(other.spreadsheetId);
  await other.loadInfo();
  assert.deepEqual(await other.sheetsByIndex[1].getCellsInRange('A1'), [['here']]);
  await copy.delete();
  assert.equal(book.sheetsByTitle.again, undefined);
});
await step('downloads', async () => {
  await tab([['a', 'b,c']]);
  const text = async (buffer) => Buffer.from(await buffer).toString();
  assert.equal(await text(sheet.downloadAsCSV()), 'a,"b,c"');
  assert.equal(await text(sheet.downloadAsTSV()), 'a\tb,c');
  assert.equal(Buffer.from(await book.downloadAsXLSX()).subarray(0, 2).toString(), 'PK');
});
await step('permissions', async () => {
  await book.share('ann@example.com', { role: 'reader', emailMessage: false });
  await book.setPublicAccessLevel('reader');
  const found = await book.listPermissions();
  assert.deepEqual(found.map((one) => `${one.type} ${one.role}`).sort(), ['anyone reader', 'user owner', 'user reader']);
  await book.setPublicAccessLevel(false);
  await book.deletePermission(found.find((one) => one.emailAddress === 'ann@example.com').id);
  assert.equal((await book.listPermissions()).length, 1);
});
await step('refusals', async () => {
  await assert.rejects(sheet.mergeCells(area(5, 5, 0, 1)), /Google API error - \[400\] Invalid requests\[0\]\.mergeCells/);
  await assert.rejects(new GoogleSpreadsheet('nowhere', auth, once).loadInfo(), /\[404\] Requested entity was not found/);
});
await step('deletion', async () => {
  await book.delete();
  await assert.rejects(new GoogleSpreadsheet(made.spreadsheetId, auth, once).loadInfo(), /\[404\]/);
});
console.log(`${held} of ${tried} steps hold`);
process.exit(held === tried ? 0 : 1);
