"""How the room `catalog` says no."""

from tessera.kit.refusals import Refusal

__all__ = [
    "CategoryTaken",
    "CategoryUnknown",
    "GtinInvalid",
    "GtinRounded",
    "GtinTaken",
    "ProductFileDone",
    "ProductFileTooBig",
    "ProductFileTooLong",
    "SkuColumnMissing",
    "SkuRepeated",
    "SkuTaken",
    "WorkbookGiven",
]


class SkuTaken(Refusal):
    """The merchant has a product with this article number."""

    code = "sku_taken"
    status = 409
    sentence = {
        "en": "The merchant already has a product with the SKU “{sku}”.",
        "zh-Hans": "该商户已有货号为“{sku}”的商品。",
    }


class GtinTaken(Refusal):
    """The merchant has another product with this bar code number."""

    code = "gtin_taken"
    status = 409
    sentence = {
        "en": "The merchant already has a product with the GTIN {gtin}.",
        "zh-Hans": "该商户已有商品条码为 {gtin} 的商品。",
    }


class GtinInvalid(Refusal):
    """A bar code number whose length or check digit is wrong."""

    code = "gtin_invalid"
    status = 422
    sentence = {
        "en": "“{given}” is not a GTIN: 8, 12, 13 or 14 digits, the last one checks the others.",
        "zh-Hans": "“{given}”不是有效的商品条码：应为 8、12、13 或 14 位数字，末位为校验码。",
    }


class CategoryUnknown(Refusal):
    """The merchant has no such category."""

    code = "category_unknown"
    status = 422
    sentence = {
        "en": "The merchant has no category “{given}”.",
        "zh-Hans": "该商户没有分类“{given}”。",
    }


class CategoryTaken(Refusal):
    """The merchant has a category of this name in the same place."""

    code = "category_taken"
    status = 409
    sentence = {
        "en": "There is already a category “{name}” in this place.",
        "zh-Hans": "同一位置已有名为“{name}”的分类。",
    }


class GtinRounded(Refusal):
    """A bar code number that a spreadsheet has turned into a rounded number."""

    code = "gtin_rounded"
    status = 422
    sentence = {
        "en": "“{given}” was a GTIN before a spreadsheet rounded it. Format the column as text and save the file again.",
        "zh-Hans": "“{given}”是被表格软件取整后的条码，请将该列设为文本格式后重新保存文件。",
    }


class SkuRepeated(Refusal):
    """One file names the same article number twice."""

    code = "sku_repeated"
    status = 422
    sentence = {
        "en": "The SKU “{sku}” stands on line {line} already.",
        "zh-Hans": "货号“{sku}”在第 {line} 行已出现过。",
    }


class SkuColumnMissing(Refusal):
    """Nobody has said which column holds the article number."""

    code = "sku_column_missing"
    status = 422
    sentence = {
        "en": "Say which column holds the SKU: products are known by it.",
        "zh-Hans": "请指定货号所在的列，商品以货号区分。",
    }


class ProductFileDone(Refusal):
    """A file is brought in once."""

    code = "product_file_done"
    status = 409
    sentence = {
        "en": "This file was brought in at {done_at}. Upload it again to bring it in anew.",
        "zh-Hans": "此文件已于 {done_at} 导入，如需再次导入请重新上传。",
    }


class ProductFileTooBig(Refusal):
    """More bytes than a table of products needs."""

    code = "product_file_too_big"
    status = 413
    sentence = {
        "en": "The file is larger than {most_mb} MB. Leave out columns that are not needed, or split it.",
        "zh-Hans": "文件超过 {most_mb} MB，请删去不需要的列，或拆分成几个文件。",
    }


class ProductFileTooLong(Refusal):
    """More lines than are brought in at once."""

    code = "product_file_too_long"
    status = 413
    sentence = {
        "en": "The file has more than {most} lines. Split it and bring in the parts one after another.",
        "zh-Hans": "文件超过 {most} 行，请拆分后分次导入。",
    }


class WorkbookGiven(Refusal):
    """A spreadsheet program's own file, where a table as text is wanted."""

    code = "workbook_given"
    status = 422
    sentence = {
        "en": "This is a workbook. Save the sheet as CSV (UTF-8) in the spreadsheet program and upload that file.",
        "zh-Hans": "这是工作簿文件，请在表格软件中将工作表另存为 CSV（UTF-8）后上传。",
    }
